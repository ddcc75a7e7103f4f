/** The guard: policy and directory, read and checked against each other, ready to judge requests. */
import type { JsonObject, PolicyDecision, RequestStatement } from '../approval/types.ts';
import { readConfiguration } from '../approval/yaml.ts';
import { bind } from './bind.ts';
import { type Directory, parseDirectory } from './directory.ts';
import { evaluate } from './evaluate.ts';
import { type Policy, parsePolicy } from './policy.ts';

export interface Guard {
  readonly policy: Policy;
  readonly directory: Directory;
  /** `resource` is what the action's definition computes from the request's input. Never throws. */
  evaluate(request: RequestStatement, resource: JsonObject, now: Date): PolicyDecision;
}

/** Where the two files are (ASSENT_POLICY, ASSENT_DIRECTORY). */
export interface GuardFiles {
  readonly policy: string;
  readonly directory: string;
}

/** @throws AssentError `file_unreadable`, `directory_invalid`, `policy_invalid` (with `evidence.faults`) */
export async function loadGuard(files: GuardFiles): Promise<Guard> {
  const [policy, directory] = await Promise.all([
    readConfiguration(files.policy),
    readConfiguration(files.directory),
  ]);
  return guardOf({ policy, directory }, files);
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
    evaluate: (request, resource, now) => evaluate({ policy, directory, request, resource, now }),
  };
}
