import { sqlExport } from 'assent/actions';
import { AssentClient, guard } from 'assent/client';

await using client = await AssentClient.connect();
const exportRows = guard(sqlExport, { client, onBehalfOf: 'mia' });
const intent = { statement: 'Mail our customers the November newsletter.', source: 'chat' };
const statement = 'SELECT name, email FROM customers';
const file = `newsletter-${Date.now()}.csv`;
const { rows } = await exportRows({ database: 'crm', statement, parameters: [], file }, { intent });
console.log(`${rows} rows in ${file}`);
