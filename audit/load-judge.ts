/** Loads a judge from a deployment's own files: trust, policy, directory and the definitions of actions. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { accessGrant } from '../actions/access/definition.ts';
import { commandRun } from '../actions/command/definition.ts';
import { configSet } from '../actions/config/definition.ts';
import type { AnyAction } from '../actions/define.ts';
import { httpRequest } from '../actions/http/definition.ts';
import { createRegistry, type Registry } from '../actions/registry.ts';
import { sqlExport } from '../actions/sql/definition.ts';
import { sqlExecute } from '../actions/sql/execute-definition.ts';
import { AssentError } from '../approval/error.ts';
import { readTrust } from '../approval/trust.ts';
import { loadGuard } from '../policy/guard.ts';
import { createJudge, type HouseJudge, type JudgeDeps } from './judge.ts';

export const builtIn: readonly AnyAction[] = [
  sqlExport,
  sqlExecute,
  httpRequest,
  configSet,
  commandRun,
  accessGrant,
];

/** Where the files are, by the variables that name them. */
export interface JudgeFiles {
  readonly ASSENT_TRUST: string;
  readonly ASSENT_POLICY: string;
  readonly ASSENT_DIRECTORY: string;
  /** A module that exports `actions`: the definitions of a team's own actions. */
  readonly ASSENT_ACTIONS?: string | undefined;
}

/** A judge by the files as they are now. @throws AssentError for whatever is wrong with one, with its place */
export async function loadJudge(files: JudgeFiles): Promise<HouseJudge> {
  const [lasting, guard] = await Promise.all([
    loadLasting(files),
    loadGuard({ policy: files.ASSENT_POLICY, directory: files.ASSENT_DIRECTORY }),
  ]);
  return createJudge({ ...lasting, guard });
}

/**
 * What stays for as long as a process runs: trust, and the actions that it knows.
 *
 * @throws AssentError `actions_unreadable`, `actions_malformed`, and those of {@link readTrust}
 */
export async function loadLasting({
  ASSENT_TRUST,
  ASSENT_ACTIONS,
}: Pick<JudgeFiles, 'ASSENT_TRUST' | 'ASSENT_ACTIONS'>): Promise<Pick<JudgeDeps, 'trust' | 'registry'>> {
  const [trust, registry] = await Promise.all([readTrust(ASSENT_TRUST), loadRegistry(ASSENT_ACTIONS)]);
  return { trust, registry };
}

/** The built-in actions and a team's own. @throws AssentError `actions_unreadable`, `actions_malformed`, `action_duplicate` */
export async function loadRegistry(actions: string | undefined): Promise<Registry> {
  const own = actions === undefined ? [] : await loadActions(actions);
  return createRegistry([...builtIn, ...own]);
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
