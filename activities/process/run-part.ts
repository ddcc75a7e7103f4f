/** A process's outermost frame: starts one part, stops it on a signal, says by its exit code how it went. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { type Logger, pino } from 'pino';
import { AssentError } from '../../approval/error.ts';
import type { Running } from './running.ts';

/** By the name that is given on the command line; each is loaded only where it runs. */
export type Parts = Readonly<Record<string, () => Promise<{ start(log: Logger): Promise<Running> }>>>;

/** @returns the exit code: 0 ended in good order, 1 by a fault, 2 wrong use */
export async function runPart(parts: Parts, name: string): Promise<number> {
  const log = pino({ name: 'assent' });
  try {
    await run(parts, name, log);
    return 0;
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'the process failed');
    return error instanceof AssentError && error.code === 'usage' ? 2 : 1;
  }
}

async function run(parts: Parts, name: string, log: Logger): Promise<void> {
  const load = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (load === undefined) {
    throw new AssentError('usage', `Say which process: ${Object.keys(parts).join(', ')}.`);
  }
  // The processes say themselves what matters; Temporal's own chatter is kept to warnings. Signals are ours.
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const running = await (await load()).start(log);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      running.stop().catch((error: unknown) => log.error({ err: error }, 'stopping failed'));
    });
  }
  log.info({ process: name }, 'running');
  await running.ended;
}
