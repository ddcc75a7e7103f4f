/** Starts parts of the stack, prints their process ids as one line of JSON and waits to be killed. */
import { once } from 'node:events';
import { join } from 'node:path';
import { startPostgres } from '../../dev/postgres.ts';
import { startLocalSlack } from '../../dev/slack/local-slack.ts';
import { startTemporal } from '../../dev/temporal.ts';

const [cli = '', directory = ''] = process.argv.slice(2);
const parts = await Promise.all([
  startTemporal({ cli, logFile: join(directory, 'temporal.log') }),
  startPostgres({ directory: join(directory, 'postgres'), logFile: join(directory, 'postgres.log') }),
  startLocalSlack({
    people: [{ handle: 'ada', name: 'Ada Almeida' }],
    interactivityUrl: 'http://127.0.0.1:9/',
    directory: join(directory, 'slack'),
    logFile: join(directory, 'slack.log'),
  }),
]);
process.stdout.write(`${JSON.stringify(parts.map(({ pid }) => pid))}\n`);
await once(process.stdin, 'end');
