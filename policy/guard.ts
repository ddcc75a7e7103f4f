/** The guard: policy and directory, read and checked against each other, ready to judge requests. */
import type { Delegation } from '../approval/house.ts';
import type { JsonObject, PolicyDecision, RequestStatement } from '../approval/types.ts';
import { readConfiguration } from '../approval/yaml.ts';
import { bind } from './bind.ts';
import { type Directory, parseDirectory } from './directory.ts';
import { evaluate } from './evaluate.ts';
import { type Policy, parsePolicy } from './policy.ts';

export interface GuardQuestion {
  readonly request: RequestStatement;
  /** What the action's definition computes from the request's input. */
  readonly resource: JsonObject;
  /** The facts of the executor's preview; null before there is one. */
  readonly preview: JsonObject | null;
  /** Those in force now, whatever their action. */
  readonly delegations: readonly Delegation[];
  readonly now: Date;
}

export interface Guard {
  readonly policy: Policy;
  readonly directory: Directory;
  /** Sorted ids of the people who may freeze and unfreeze. */
  readonly operators: readonly string[];
  /** Never throws: what can't be evaluated is denied. */
  evaluate(question: GuardQuestion): PolicyDecision;
}

/** Where the two files are (ASSENT_POLICY, ASSENT_DIRECTORY). */
export interface GuardFiles {
  readonly policy: string;
  readonly directory: string;
}

/** @throws AssentError `file_unreadable`, `directory_invalid`, `policy_invalid` (with `evidence.faults`) */
export async function loadGuard(files: GuardFiles): Promise<Guard> {
  return guardOf(await readGuardFiles(files), files);
}

/** The texts of both. @throws AssentError `file_unreadable` */
export async function readGuardFiles(files: GuardFiles): Promise<GuardFiles> {
  const [policy, directory] = await Promise.all([
    readConfiguration(files.policy),
    readConfiguration(files.directory),
  ]);
  return { policy, directory };
}

/**
 * The same of texts; `files` is how faults name them.
 *
 * @throws AssentError `directory_invalid`, `policy_invalid` (with `evidence.faults`)
 */
export function guardOf(texts: GuardFiles, files: GuardFiles): Guard {
  const directory = parseDirectory(texts.directory, files.directory);
  const policy = bind(parsePolicy(texts.policy, files.policy), directory);
  return {
    policy,
    directory,
    operators: directory.membersOf(policy.operators),
    evaluate: (question) => evaluate({ policy, directory, ...question }),
  };
}
