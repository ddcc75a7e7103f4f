/** Asks a person whether they mean it: nothing is preselected, and what a rule wants typed is never skipped. */
import { AssentError } from '../client/vocabulary.ts';
import type { Terminal } from './terminal.ts';
import { visible } from './visible.ts';

export interface Given {
  /** The question is answered already. */
  readonly yes: boolean;
  /** What was typed already. */
  readonly typed: string | null;
}

/**
 * @returns what was typed, where it was
 * @throws AssentError `typed_mismatch`, `confirmation_needed`, `not_confirmed`
 */
export async function confirmApproval(
  { target, require }: { readonly target: string; readonly require: readonly string[] },
  { yes, typed }: Given,
  terminal: Pick<Terminal, 'ask'>,
): Promise<string | null> {
  if (typed !== null) return matching(typed, target);
  if (require.includes('typed')) {
    if (terminal.ask !== null)
      return matching(await terminal.ask(`Type ${visible(target)} to approve: `), target);
    const why =
      'The rule wants the name of the target typed, and nobody is there to be asked: give --typed TEXT.';
    throw new AssentError('confirmation_needed', why);
  }
  await confirmed('Approve this?', yes, terminal);
  return null;
}

/** @throws AssentError `confirmation_needed`, `not_confirmed` */
export async function confirmed(
  question: string,
  yes: boolean,
  { ask }: Pick<Terminal, 'ask'>,
): Promise<void> {
  if (yes) return;
  if (ask === null) {
    throw new AssentError(
      'confirmation_needed',
      'Nobody is there to be asked whether you mean it: give --yes.',
    );
  }
  const answer = await ask(`${question} y/N `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new AssentError('not_confirmed', 'You did not say yes; nothing was said.');
}

function matching(typed: string, target: string): string {
  if (typed === target) return typed;
  const why = `That is not the name of the target, to the letter: ${visible(target)}. Nothing was said.`;
  throw new AssentError('typed_mismatch', why);
}
