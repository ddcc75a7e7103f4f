/** What every process loads first: trust, policy, directory and the actions that it knows. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import { z } from 'zod';
import { accessGrant } from '../../actions/access/definition.ts';
import { commandRun } from '../../actions/command/definition.ts';
import { configSet } from '../../actions/config/definition.ts';
import type { AnyAction } from '../../actions/define.ts';
import { httpRequest } from '../../actions/http/definition.ts';
import { createRegistry } from '../../actions/registry.ts';
import { sqlExport } from '../../actions/sql/definition.ts';
import { sqlExecute } from '../../actions/sql/execute-definition.ts';
import { AssentError } from '../../approval/error.ts';
import { readSigningKey, type SigningKey, type VerifierKey } from '../../approval/keys.ts';
import { readTrust } from '../../approval/trust.ts';
import { createJudge, type HouseJudge, type JudgeDeps } from '../../audit/judge.ts';
import type { GuardFiles } from '../../policy/guard.ts';
import { watchGuard } from '../../policy/watch.ts';
import type { HouseEnvironment } from './environment.ts';

export const builtIn: readonly AnyAction[] = [
  sqlExport,
  sqlExecute,
  httpRequest,
  configSet,
  commandRun,
  accessGrant,
];

/** The judge as of now: policy and directory are read again as soon as their files change. */
export interface LiveJudge {
  judge(): HouseJudge;
  close(): void;
}

/** A change is in force within this; a broken one never is. */
const RELOAD_MS = 500;

/** @throws AssentError for whatever is wrong with a file, with its place */
export async function watchJudge(
  environment: Pick<
    HouseEnvironment,
    'ASSENT_POLICY' | 'ASSENT_DIRECTORY' | 'ASSENT_TRUST' | 'ASSENT_ACTIONS'
  >,
  log: Logger,
): Promise<LiveJudge> {
  const { ASSENT_POLICY: policy, ASSENT_DIRECTORY: directory, ASSENT_TRUST, ASSENT_ACTIONS } = environment;
  const [trust, own] = await Promise.all([
    readTrust(ASSENT_TRUST),
    ASSENT_ACTIONS === undefined ? [] : loadActions(ASSENT_ACTIONS),
  ]);
  return liveJudge({
    trust,
    registry: createRegistry([...builtIn, ...own]),
    files: { policy, directory },
    log,
  });
}

export interface LiveJudgeOptions extends Pick<JudgeDeps, 'trust' | 'registry'> {
  readonly files: GuardFiles;
  readonly log: Logger;
}

/** @throws AssentError as `loadGuard` does */
export async function liveJudge({ trust, registry, files, log }: LiveJudgeOptions): Promise<LiveJudge> {
  const watched = await watchGuard(files, {
    intervalMs: RELOAD_MS,
    onError: (error) =>
      log.error({ err: error }, 'policy or directory is broken; the ones before it stay in force'),
    onChange: ({ policy, directory }) =>
      log.info(
        { policy: policy.digest, directory: directory.digest },
        'policy and directory were read again',
      ),
  });
  let guard = watched.current();
  let judge = createJudge({ trust, guard, registry });
  return {
    judge: () => {
      if (guard !== watched.current()) {
        guard = watched.current();
        judge = createJudge({ trust, guard, registry });
      }
      return judge;
    },
    close: watched.close,
  };
}

/**
 * Reads a process's own key and finds it among those that trust.yaml names for its role: a process whose word
 * counts nowhere does not start.
 *
 * @throws AssentError those of {@link readSigningKey}, `key_not_trusted`
 */
export async function loadTrustedKey(file: string, trusted: readonly VerifierKey[]): Promise<SigningKey> {
  for (const { name, text } of trusted) {
    const key = await readSigningKey(file, name);
    if (key.verifier.text === text) return key;
  }
  throw new AssentError(
    'key_not_trusted',
    `The key in ${file} is none of those that trust.yaml names for this role.`,
  );
}

const actionModule = z.object({
  actions: z.array(
    z.custom<AnyAction>((value) => typeof value === 'object' && value !== null && 'read' in value),
  ),
});

async function loadActions(file: string): Promise<readonly AnyAction[]> {
  const loaded: unknown = await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AssentError('actions_unreadable', `ASSENT_ACTIONS: ${file} can't be loaded: ${why}`, { cause });
  });
  const parsed = actionModule.safeParse(loaded);
  if (parsed.success) return parsed.data.actions;
  throw new AssentError(
    'actions_malformed',
    `${file} must export \`actions\`, a list of what defineAction gives.`,
  );
}
