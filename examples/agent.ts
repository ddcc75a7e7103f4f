import { sqlExport } from 'assent/actions';
import { AssentClient, guard } from 'assent/client';

await using client = await AssentClient.connect();
const exportRows = guard(sqlExport, { client, onBehalfOf: 'mia', reason: 'Monthly newsletter' });
const { file, rows } = await exportRows(
  {
    database: 'crm',
    statement: 'SELECT name, email FROM customers',
    parameters: [],
    file: `${Date.now()}.csv`,
  },
  { intent: { statement: 'Mail our customers the November newsletter.', source: 'chat' } },
);
console.log(`${rows} rows in ${file}`);
