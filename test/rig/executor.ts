/** A team's own executor as a process: it appends a line to `<id>.ran` for every run. */
import { access, appendFile, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { implement } from '../../actions/implement.ts';
import { executor } from '../../worker/executor.ts';
import { lend, QUEUE, work } from './actions.ts';

const environment = z
  .object({
    RIG_DIRECTORY: z.string(),
    DATABASE_URL: z.string(),
    ASSENT_EXECUTOR_KEY_FILE: z.string(),
    ASSENT_POLICY: z.string(),
    ASSENT_DIRECTORY: z.string(),
    ASSENT_TRUST: z.string(),
  })
  .parse(process.env);
const directory = environment.RIG_DIRECTORY;

async function released(id: string, signal: AbortSignal): Promise<void> {
  const file = join(directory, `${id}.release`);
  const there = () =>
    access(file).then(
      () => true,
      () => false,
    );
  const changes = watch(directory, { signal });
  if (await there()) return;
  for await (const _ of changes) if (await there()) return;
}

const ran = (id: string): Promise<void> => appendFile(join(directory, `${id}.ran`), 'ran\n');

const working = implement(work, {
  preview: async () => ({ looked: true }),
  execute: async ({ input: { id, hold }, signal }) => {
    await ran(id);
    if (hold) await released(id, signal);
    return { id };
  },
});

const lending = implement(lend, {
  execute: async ({ input: { id } }) => {
    await ran(id);
    return { id };
  },
  end: async ({ input: { id, holdEnd }, signal }) => {
    await ran(`${id}-ended`);
    if (holdEnd) await released(`${id}-ended`, signal);
  },
});

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const worker = await Worker.create({
  connection: await NativeConnection.connect(connectionOptions),
  namespace,
  taskQueue: QUEUE,
  shutdownGraceTime: '30 seconds',
  plugins: [
    await executor({
      actions: [working, lending],
      databaseUrl: environment.DATABASE_URL,
      keyFile: environment.ASSENT_EXECUTOR_KEY_FILE,
      policy: environment.ASSENT_POLICY,
      directory: environment.ASSENT_DIRECTORY,
      trust: environment.ASSENT_TRUST,
    }),
  ],
});
process.stdout.write('running\n');
await worker.run();
