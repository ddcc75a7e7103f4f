/** What Mia Lund wants in this story, as her agent asks for it. */
import type { Ask } from '../../client/ask.ts';

function exportOf(key: string, statement: string, intent: string): Ask {
  return {
    key,
    action: 'sql.export',
    input: { database: 'crm', statement, parameters: [], file: `${key}.csv` },
    onBehalfOf: 'mia',
    intent: { statement: intent, source: '#marketing' },
  };
}

export const NEWSLETTER = exportOf(
  'newsletter',
  'SELECT name, email FROM customers',
  'Mail all our customers the November newsletter.',
);
export const PARTNER = exportOf(
  'partner',
  'SELECT name, email, country FROM customers',
  'Send our customer list to the agency for their campaign.',
);
export const CALLS = exportOf(
  'calls',
  'SELECT name, phone FROM customers',
  'Get me the numbers of all customers, I want to call them tonight.',
);
export const SURVEY = exportOf(
  'survey',
  'SELECT id, email FROM customers',
  'Invite everybody to the survey.',
);
export const GIVEAWAY = exportOf('giveaway', 'SELECT name, country FROM customers', 'Draw a winner.');

function changeOf(key: string, statement: string, intent: string): Ask {
  return {
    key,
    action: 'sql.execute',
    input: { database: 'crm', statement, parameters: [] },
    onBehalfOf: 'mia',
    intent: { statement: intent, source: '#logistics' },
  };
}

export const ARRIVED = changeOf(
  'arrived',
  "UPDATE orders SET status = 'delivered' WHERE status = 'shipped'",
  'The carrier is gone. Mark everything that was shipped as delivered.',
);
export const RETURNED = changeOf(
  'returned',
  "DELETE FROM orders WHERE status = 'returned' AND placed_at < '2024-03-01'",
  'Clear the old returns out of the orders.',
);
