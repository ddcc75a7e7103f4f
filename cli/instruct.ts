/** What people say beside deciding: signed with their own key, said to the gateway, and what came of it. */
import { type Order, personOf, sayInstruction } from '../client/person.ts';
import { AssentError, type Digest, readTrust } from '../client/vocabulary.ts';
import { needed } from './environment.ts';
import { wrap } from './layout.ts';
import { whyRefused } from './refusal-words.ts';
import type { Answer, Terminal } from './terminal.ts';
import { visible } from './visible.ts';

export interface Words {
  /** Where it holds. */
  readonly done: (digest: Digest) => string;
  /** `It is not frozen`, where it does not. */
  readonly not: string;
}

/**
 * Needs no database and no policy: whoever stops everything needs their key, trust.yaml and the gateway.
 *
 * @throws AssentError those of `personOf` and `sayInstruction`, `reason_missing`
 */
export async function say(order: Order, { done, not }: Words, terminal: Terminal): Promise<Answer> {
  if (order.reason.trim() === '') throw new AssentError('reason_missing', 'Say why: give --reason.');
  const [person, { audience }] = await Promise.all([
    personOf(terminal.env),
    readTrust(needed(terminal, 'ASSENT_TRUST', 'trust.yaml, which names the deployment')),
  ]);
  const { code, digest, outcome } = await sayInstruction(order, audience, person, terminal.now());
  const counts = code === 'eligible' && digest !== null;
  const words = counts ? done(digest) : `${not}: ${whyRefused(code)}. The attempt is on the record.`;
  return {
    positive: counts,
    document: { verb: order.verb, subject: order.subject, code, counts, digest, outcome },
    lines: wrap(visible(words), terminal.columns),
  };
}

/** Nothing of that kind is there to speak of. */
export function nothingToSay(
  requestId: string,
  code: string,
  { done: _, not }: Words,
  { columns }: Pick<Terminal, 'columns'>,
): Answer {
  return {
    positive: false,
    document: { request_id: requestId, code, counts: false },
    lines: wrap(visible(`${not}: ${whyRefused(code)}. Nothing was said.`), columns),
  };
}

/** Exactly one of two opposite options. @throws AssentError `usage` */
export function either(yes: boolean | undefined, no: boolean | undefined, names: string): boolean {
  if ((yes === true) === (no === true)) throw new AssentError('usage', `Say which of the two: ${names}.`);
  return yes === true;
}
