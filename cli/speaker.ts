/** Whoever speaks: their key must be theirs by the directory, and the judge is that of their own files. */
import type { HouseJudge } from '../audit/judge.ts';
import { type Person, personOf } from '../client/person.ts';
import { AssentError } from '../client/vocabulary.ts';
import { ownJudge } from './read-case.ts';
import type { Terminal } from './terminal.ts';

export interface Speaker {
  readonly person: Person;
  readonly judge: HouseJudge;
}

/** @throws AssentError those of {@link personOf} and {@link ownJudge}, `key_not_yours` */
export async function speakerOf(terminal: Terminal): Promise<Speaker> {
  const [person, judge] = await Promise.all([personOf(terminal.env), ownJudge(terminal)]);
  ownsKey(person, judge);
  return { person, judge };
}

/** The gateway would only say that it knows no such key. */
function ownsKey({ person, key }: Person, { guard: { directory } }: HouseJudge): void {
  const known = directory.person(person);
  if (known?.keys.some(({ text }) => text === key.verifier.text) === true) return;
  const what = known === null ? `knows nobody named ${person}` : `has another key for ${person}, or none`;
  throw new AssentError(
    'key_not_yours',
    `directory.yaml ${what}. ASSENT_PERSON_KEY_FILE signs with ${key.verifier.text}: that must stand under people, ${person}, keys.`,
  );
}
