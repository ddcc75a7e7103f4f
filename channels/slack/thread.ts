/** The lines under a card, each under a key that stays, so that whoever posts them posts each once. */
import type { CardInput } from './card-input.ts';
import { endings } from './thread-endings.ts';
import { instructions } from './thread-instructions.ts';
import type { ThreadLine } from './thread-line.ts';
import { promptings } from './thread-promptings.ts';
import { votes } from './thread-votes.ts';

/** Oldest first. Later renderings of the same request hold the same lines, as far as they still stand, and more. */
export function renderThread(input: CardInput): readonly ThreadLine[] {
  const lines = [...promptings(input), ...votes(input), ...instructions(input), ...endings(input)];
  return lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ at: _, ...line }) => line);
}
