/** Instructions told apart by their verbs. */
import type { Instruction, Verb, Verified } from './types.ts';

export type VerifiedInstruction<V extends Verb> = Omit<Verified<'instruction'>, 'statement'> & {
  readonly statement: Instruction<V>;
};

export function says<V extends Verb>(
  said: Verified<'instruction'>,
  verb: V,
): said is Verified<'instruction'> & VerifiedInstruction<V> {
  return said.statement.verb === verb;
}

/** Those of one verb, in their order. */
export function saying<V extends Verb>(
  instructions: readonly Verified<'instruction'>[],
  verb: V,
): readonly VerifiedInstruction<V>[] {
  return instructions.flatMap((said) => (says(said, verb) ? [said] : []));
}
