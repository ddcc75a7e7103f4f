/** Statements that may be exported, and what each reads: name, text, what is found, number of parameters. */
import type { Judgement } from '../../actions/sql/judge.ts';

export const ACCEPTED: readonly (readonly [
  name: string,
  text: string,
  read: Partial<Judgement>,
  parameters?: 2,
])[] = [
  ['nothing', 'SELECT 1', {}],
  [
    'bare columns of one table',
    'SELECT id, email FROM customers',
    { tables: ['customers'], columns: ['customers.email', 'customers.id'] },
  ],
  [
    'through an alias',
    'SELECT c.email FROM public.customers AS c',
    { tables: ['customers'], columns: ['customers.email'] },
  ],
  ['a star', 'SELECT * FROM customers', { tables: ['customers'], columns: ['customers.*'] }],
  ['TABLE', 'TABLE customers', { tables: ['customers'], columns: ['customers.*'] }],
  [
    'a star over two tables',
    'SELECT * FROM customers c CROSS JOIN orders o',
    { tables: ['customers', 'orders'], columns: ['customers.*', 'orders.*'] },
  ],
  [
    'one star of two',
    'SELECT o.* FROM customers c CROSS JOIN orders o',
    { tables: ['customers', 'orders'], columns: ['orders.*'] },
  ],
  [
    'aliases that swap names',
    'SELECT orders.email FROM customers orders CROSS JOIN orders customers',
    { tables: ['customers', 'orders'], columns: ['customers.email'] },
  ],
  [
    'conditions, not only output',
    "SELECT count(*) FROM customers WHERE email LIKE 'a%'",
    { tables: ['customers'], columns: ['customers.email'], functions: ['count'], operators: ['~~'] },
  ],
  [
    'joins',
    'SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id',
    {
      tables: ['customers', 'orders'],
      columns: ['customers.id', 'orders.customer_id'],
      operators: ['='],
    },
  ],
  [
    'a WITH query in place of a table',
    'WITH customers AS (SELECT note AS email FROM orders) SELECT email FROM customers',
    { tables: ['orders'], columns: ['orders.note'] },
  ],
  [
    'a WITH query that reads its namesake',
    'WITH customers AS (SELECT email FROM customers) SELECT email FROM customers',
    { tables: ['customers'], columns: ['customers.email'] },
  ],
  [
    'the table, where WITH is passed by',
    'WITH customers AS (SELECT 1 AS email) SELECT email FROM public.customers',
    { tables: ['customers'], columns: ['customers.email'] },
  ],
  [
    'a later WITH query is not seen by an earlier',
    'WITH a AS (SELECT email FROM b), b AS (SELECT 1 AS email) SELECT a.email FROM a',
    { tables: ['b'], columns: ['b.email'] },
  ],
  [
    'a query in FROM',
    'SELECT x.address FROM (SELECT email AS address FROM customers) x',
    { tables: ['customers'], columns: ['customers.email'] },
  ],
  [
    'a query in a condition',
    'SELECT c.id FROM customers c WHERE c.id IN (SELECT o.customer_id FROM orders o WHERE o.total > 1)',
    {
      tables: ['customers', 'orders'],
      columns: ['customers.id', 'orders.customer_id', 'orders.total'],
      operators: ['=', '>'],
    },
  ],
  [
    'a correlated query',
    'SELECT c.id FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)',
    {
      tables: ['customers', 'orders'],
      columns: ['customers.id', 'orders.customer_id'],
      operators: ['='],
    },
  ],
  [
    'both arms of a union',
    'SELECT c.email FROM customers c UNION ALL SELECT o.note FROM orders o ORDER BY email LIMIT 5',
    { tables: ['customers', 'orders'], columns: ['customers.email', 'orders.note'] },
  ],
  [
    'grouping',
    'SELECT country, count(*) AS n FROM customers GROUP BY country HAVING count(*) > 1 ORDER BY n DESC',
    { tables: ['customers'], columns: ['customers.country'], functions: ['count'], operators: ['>'] },
  ],
  [
    'windows',
    'SELECT id, row_number() OVER (PARTITION BY country ORDER BY created) FROM customers',
    {
      tables: ['customers'],
      columns: ['customers.country', 'customers.created', 'customers.id'],
      functions: ['row_number'],
    },
  ],
  [
    'quoted names',
    'SELECT "Email" FROM "Customers"',
    { tables: ['Customers'], columns: ['Customers.Email'] },
  ],
  ['folded names', 'SELECT EMAIL FROM CUSTOMERS', { tables: ['customers'], columns: ['customers.email'] }],
  [
    'escaped names',
    'SELECT U&"\\0065mail" FROM customers',
    { tables: ['customers'], columns: ['customers.email'] },
  ],
  ['ONLY', 'SELECT id FROM ONLY customers', { tables: ['customers'], columns: ['customers.id'] }],
  [
    'special syntax',
    "SELECT extract(year FROM created), trim(BOTH FROM email), created AT TIME ZONE 'UTC', current_date, substring(email FROM 1 FOR 2) FROM customers",
    {
      tables: ['customers'],
      columns: ['customers.created', 'customers.email'],
      functions: ['btrim', 'extract', 'substring', 'timezone'],
    },
  ],
  [
    'constructs',
    'SELECT CASE WHEN id BETWEEN 1 AND 2 THEN coalesce(a, b) ELSE nullif(a, b) END, greatest(a, b), a IS NULL, (a > b) IS TRUE, a IS DISTINCT FROM b, NOT (a = b) FROM customers',
    {
      tables: ['customers'],
      columns: ['customers.a', 'customers.b', 'customers.id'],
      operators: ['<=', '=', '>', '>='],
    },
  ],
  [
    'casts',
    "SELECT id::text, total::numeric(10, 2), date '2026-01-01', interval '1 day' FROM orders",
    { tables: ['orders'], columns: ['orders.id', 'orders.total'] },
  ],
  [
    'DISTINCT',
    'SELECT DISTINCT country FROM customers OFFSET 1',
    { tables: ['customers'], columns: ['customers.country'] },
  ],
  [
    'parameters',
    'SELECT id FROM customers WHERE id > $1 AND (id < $2 OR id = $1)',
    { tables: ['customers'], columns: ['customers.id'], operators: ['<', '=', '>'] },
    2,
  ],
];
