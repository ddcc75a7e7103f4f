/** `npm run dev`: the whole stack in one terminal until Ctrl-C. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AssentError } from '../approval/error.ts';
import { AGENT, AUDIENCE, PEOPLE } from './files.ts';
import { type MixedStack, startMixedStack } from './stack.ts';

const HOME = resolve('.assent');

/** What tools and tests read to find the stack: addresses, secrets among them, so it is the owner's alone. */
async function describe({
  temporal,
  databases,
  gateway,
  slack,
  files,
  agentEnvironment,
  personEnvironment,
}: MixedStack): Promise<void> {
  const people = PEOPLE.map(({ handle }) => [
    handle,
    { slack: slack?.userIds[handle] ?? null, keyFile: files.personKey(handle) },
  ]);
  const description = {
    audience: AUDIENCE,
    temporal: {
      address: temporal.address,
      namespace: temporal.namespace,
      taskQueue: 'assent',
      ui: temporal.ui,
    },
    database: databases.owner,
    gateway,
    slack: slack === null ? null : { url: slack.page, channel: slack.channelId },
    agents: { [AGENT]: { keyFile: files.keys.agent } },
    people: Object.fromEntries(people),
    policy: files.policy,
    directory: files.directory,
  };
  await writeFile(`${HOME}/dev.json`, `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 });
  await writeEnvironment('agent', agentEnvironment);
  await writeEnvironment('reader', { DATABASE_URL: databases.assent_reader });
  for (const { handle } of PEOPLE) await writeEnvironment(handle, personEnvironment(handle));
}

async function writeEnvironment(name: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(environment).map(([variable, value]) => `${variable}=${value}\n`);
  await writeFile(`${HOME}/${name}.env`, lines.join(''), { mode: 0o600 });
}

function welcome({ temporal, slack, gateway, files }: MixedStack): string {
  const channel = slack === null ? 'yours' : `${slack.page}/archives/${slack.channelId}`;
  return `
Assent is running.

  Slack        ${channel}
  Temporal     ${temporal.ui ?? temporal.address}
               (${temporal.source})
  Gateway      ${gateway}
  Policy       ${files.policy}

Ask for something, in another terminal:

  npm run agent

Then open Slack, act as Ana Castro (top right), and click Approve.
Mia Lund is the one on whose behalf the agent asks: try her, too.

Or be Ana at a terminal, with a key of her own:

  node --env-file=.assent/ana.env cli/main.ts list

Ctrl-C ends all of it.
`;
}

async function main(): Promise<void> {
  const policy = await readFile(new URL('../examples/policy.yaml', import.meta.url), 'utf8');
  // A directory for each run: two at once don't meet.
  const directory = `${HOME}/dev-${process.pid}`;
  const { promise: asked, resolve: stopNow } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopNow());
  const tell = (what: string) => process.stdout.write(`Starting ${what}...\n`);
  const stack = await startMixedStack({ directory, policy, tell }, process.env);
  try {
    await describe(stack);
    process.stdout.write(welcome(stack));
    const parts = (['worker', 'executor', 'gateway'] as const).map(async (name) => {
      const why = await stack.process(name).ended;
      throw new AssentError(
        'process_ended',
        `The ${name} has ended (${why}); see ${directory}/logs/${name}.log`,
      );
    });
    await Promise.race([asked, ...parts]);
    process.stdout.write('\nStopping...\n');
    await stack.stop();
    await rm(directory, { recursive: true });
  } finally {
    await stack.stop();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
