/** `assent policy check`: every fault of policy.yaml and directory.yaml, each with its place. */
import { z } from 'zod';
import { AssentError, type Fault, faultText } from '../client/vocabulary.ts';
import { bind } from '../policy/bind.ts';
import { parseDirectory } from '../policy/directory.ts';
import type { FieldsOf } from '../policy/field-faults.ts';
import { type GuardFiles, readGuardFiles } from '../policy/guard.ts';
import { parsePolicy } from '../policy/policy.ts';
import { directoryArg, guardFiles, policyArg, registryOf } from './judging.ts';
import type { Answer, Terminal } from './terminal.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';

export const policyCheck = (terminal: Terminal): Word =>
  one({
    name: 'assent policy check',
    description: 'Find every fault in a policy and its directory',
    args: { policy: policyArg, directory: directoryArg },
    run: async (args) => {
      const { fieldsOf } = await registryOf(terminal);
      return await checkPolicy(guardFiles(terminal, args), fieldsOf);
    },
  });

/** @throws AssentError `file_unreadable` */
export async function checkPolicy(files: GuardFiles, fieldsOf?: FieldsOf): Promise<Answer> {
  const texts = await readGuardFiles(files);
  const directory = attempt(() => parseDirectory(texts.directory, files.directory));
  const unbound = attempt(() => parsePolicy(texts.policy, files.policy));
  const faults = [...directory.faults, ...unbound.faults];
  if (directory.value === null || unbound.value === null) return faulty(faults);
  // Whom the policy asks can only be looked up once both files can be read.
  const { value, document } = { value: directory.value, document: unbound.value };
  const bound = attempt(() => bind(document, value, fieldsOf));
  if (bound.value === null) return faulty(bound.faults);
  const { rules, digest } = bound.value;
  return {
    positive: true,
    document: {
      valid: true,
      policy: { file: files.policy, digest, rules: rules.length },
      directory: { file: files.directory, digest: value.digest },
    },
    lines: [
      `${visible(files.policy)}: ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, no fault`,
      `${visible(files.directory)}: no fault`,
    ],
  };
}

const evidence = z.object({
  faults: z.array(
    z.object({
      file: z.string(),
      line: z.number(),
      column: z.number(),
      path: z.string(),
      message: z.string(),
    }),
  ),
});

function attempt<T>(parse: () => T): { readonly value: T | null; readonly faults: readonly Fault[] } {
  try {
    return { value: parse(), faults: [] };
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    const found = evidence.safeParse(error.evidence);
    if (!found.success) throw error;
    return { value: null, faults: found.data.faults };
  }
}

function faulty(faults: readonly Fault[]): Answer {
  return {
    positive: false,
    document: { valid: false, faults },
    lines: faults.map((fault) => visible(faultText(fault))),
  };
}
