/** What the acts have at hand: the stack's parts, the agent, and somebody who is up to no good. */
import { Client, Connection } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { HouseJudge } from '../../audit/judge.ts';
import { loadJudge } from '../../audit/load-judge.ts';
import { openDatabase } from '../../book/database.ts';
import type { Database } from '../../book/schema.ts';
import { AssentClient } from '../../client/client.ts';
import { AGENT } from '../files.ts';
import type { Stack } from '../stack.ts';
import { type Intruder, startIntruder } from './attacks/intruder.ts';
import type { Story } from './story.ts';

export interface World {
  readonly stack: Stack;
  readonly story: Story;
  readonly temporal: Client;
  /** What the agent's own code has. */
  readonly agent: AssentClient;
  /** The book and the records, as the role assent_reader. */
  readonly reader: Kysely<Database>;
  /** Whose signatures count, by the same files that Assent's own processes read. */
  readonly judge: HouseJudge;
  /** Starts with the first call, which takes a while. */
  intruder(): Promise<Intruder>;
  close(): Promise<void>;
}

export async function openWorld(stack: Stack, story: Story): Promise<World> {
  const { files, databases } = stack;
  const { address, namespace } = stack.temporal;
  const connection = await Connection.connect({ address });
  const temporal = new Client({ connection, namespace });
  const agent = await AssentClient.connect(
    { agent: AGENT, keyFile: files.keys.agent, trust: files.trust },
    temporal,
  );
  const judge = await loadJudge({
    ASSENT_POLICY: files.policy,
    ASSENT_DIRECTORY: files.directory,
    ASSENT_TRUST: files.trust,
  });
  const reader = openDatabase(databases.assent_reader);
  let intruder: Promise<Intruder> | undefined;
  return {
    stack,
    story,
    temporal,
    agent,
    reader,
    judge,
    intruder: () => {
      intruder ??= startIntruder({ address, namespace });
      return intruder;
    },
    close: async () => {
      await intruder?.then(({ stop }) => stop());
      await Promise.all([reader.destroy(), connection.close()]);
    },
  };
}
