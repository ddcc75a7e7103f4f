/** What the commands of `assent policy` judge by: two files, and the definitions of the actions. */
import { loadRegistry } from '../audit/load-judge.ts';
import { AssentError } from '../client/vocabulary.ts';
import type { Examine } from '../policy/case.ts';
import type { GuardFiles } from '../policy/guard.ts';
import { needed } from './environment.ts';
import type { Terminal } from './terminal.ts';

export const policyArg = {
  type: 'string',
  valueHint: 'file',
  description: 'Instead of ASSENT_POLICY',
} as const;
export const directoryArg = {
  type: 'string',
  valueHint: 'file',
  description: 'Instead of ASSENT_DIRECTORY',
} as const;

/** @throws AssentError `environment_incomplete` */
export function guardFiles(
  terminal: Pick<Terminal, 'env'>,
  given: { readonly [K in keyof GuardFiles]?: string | undefined },
): GuardFiles {
  return {
    policy: needed(terminal, 'ASSENT_POLICY', 'policy.yaml, or give --policy', given.policy),
    directory: directoryFile(terminal, given.directory),
  };
}

/** @throws AssentError `environment_incomplete` */
export function directoryFile(terminal: Pick<Terminal, 'env'>, given: string | undefined): string {
  return needed(terminal, 'ASSENT_DIRECTORY', 'directory.yaml, or give --directory', given);
}

/** The built-in actions, and those of ASSENT_ACTIONS. @throws AssentError `actions_unreadable`, `actions_malformed` */
export function registryOf({ env }: Pick<Terminal, 'env'>): ReturnType<typeof loadRegistry> {
  return loadRegistry(env.ASSENT_ACTIONS || undefined);
}

export function examinerOf(registry: Awaited<ReturnType<typeof loadRegistry>>): Examine {
  return (name, input) => {
    try {
      const { resource, target } = registry.examine(name, input);
      return { resource, target };
    } catch (error) {
      if (!(error instanceof AssentError) || error.code !== 'action_unknown') throw error;
      const cure = 'set ASSENT_ACTIONS to the module that defines your own';
      throw new AssentError(error.code, `${error.message.replace(/\.$/, '')}; ${cure}.`, { cause: error });
    }
  };
}
