/**
 * `npm run demo`: the main job as a story on real parts. Exit 0 only where every claim of it was found true, 1 at
 * the first that is not, 130 after Ctrl-C; no part outlives it.
 */
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { AssentError } from '../../approval/error.ts';
import { type Stack, startStack } from '../stack.ts';
import { askForNewsletter } from './act-1-asked.ts';
import { approveOwn } from './act-2-own-approval.ts';
import { approve } from './act-3-approved.ts';
import { deny } from './act-4-denied.ts';
import { leaveUnanswered } from './act-5-unanswered.ts';
import { askTwoGroups } from './act-6-two-groups.ts';
import { freeze } from './act-7-frozen.ts';
import { askAnew } from './act-8-drifted.ts';
import { attack } from './act-9-attacks.ts';
import { compareRecords } from './act-10-records.ts';
import { makeRunDirectory } from './run-directory.ts';
import { createStory, type Story } from './story.ts';
import { openWorld, type World } from './world.ts';

class Interrupted extends Error {}

async function main(story: Story): Promise<void> {
  const began = Date.now();
  const interrupted = interruption();
  const policy = await readFile(new URL('policy.yaml', import.meta.url), 'utf8');
  const directory = await makeRunDirectory();
  process.stdout.write('\nAssent, from an agent’s request to the audit record, on real parts\n\n');
  story.link('Files', relative('.', directory));
  const tell = (what: string) => process.stdout.write(`   Starting ${what} …\n`);
  const starting = startStack({ directory, policy, tell });
  try {
    const stack = await Promise.race([starting, interrupted]);
    introduce(stack, story);
    const world = await openWorld(stack, story);
    // An interrupted story goes on until the process ends, and would throw on a connection that was closed under it.
    await Promise.race([play(world), interrupted]);
    await world.close();
  } finally {
    const stack = await starting.catch(() => null);
    await stack?.stop();
    // Big, and of no use without its server; logs, configuration and exported files stay.
    await rm(join(directory, 'postgres'), { recursive: true, force: true });
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  process.stdout.write(`
All ${story.claims()} claims are true; that took ${seconds} s.
The parts have been stopped. npm run dev starts them to stay: there you click.
`);
}

function introduce({ slack, temporal }: Stack, story: Story): void {
  process.stdout.write('\n');
  story.link('Slack', `${slack.page}/archives/${slack.channelId}`);
  story.link('Temporal', `${temporal.ui}/namespaces/${temporal.namespace}/workflows`);
}

async function play(world: World): Promise<void> {
  const pending = await askForNewsletter(world);
  await approveOwn(world, pending);
  await approve(world, pending);
  const denied = await deny(world);
  // Nobody does anything for eight seconds: time for somebody to prepare.
  await Promise.all([leaveUnanswered(world), world.intruder()]);
  const arrived = await askTwoGroups(world);
  const returned = await freeze(world);
  await askAnew(world, returned);
  const attacked = await attack(world, { approved: pending, denied, changed: [arrived, returned.asked] });
  await compareRecords(world, attacked);
}

/** Rejects at the first signal; the second one ends the process, and the guard then ends the parts. */
function interruption(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      process.stdout.write('\nStopping …\n');
      reject(new Interrupted(`Ended by ${signal}.`));
    });
  }
  promise.catch(() => undefined);
  return promise;
}

main(createStory(process.stdout)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof Interrupted) process.exit(130);
    if (!(error instanceof AssentError))
      process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
    process.exit(1);
  },
);
