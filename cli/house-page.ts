/** The freezes and delegations that stand, verified, and the one of them that somebody means. */
import type { HouseJudge } from '../audit/judge.ts';
import { readHouse } from '../book/page.ts';
import { AssentError, type Digest, type VerifiedInstruction } from '../client/vocabulary.ts';
import { ownJudge } from './read-case.ts';
import { readDatabase } from './read-database.ts';
import type { Terminal } from './terminal.ts';

type House = ReturnType<HouseJudge['house']>;

export interface Standing<V extends 'freeze' | 'delegate'> {
  /** Oldest first. */
  list(terminal: Terminal): Promise<readonly VerifiedInstruction<V>[]>;
  /**
   * The whole digest; one that is given whole is not looked up.
   *
   * @throws AssentError `digest_malformed`, `digest_unknown`, `digest_ambiguous`
   */
  digestOf(terminal: Terminal, given: string): Promise<Digest>;
}

export const freezes: Standing<'freeze'> = standing('freeze', 'assent freezes', (house) => house.freezes);
export const delegations: Standing<'delegate'> = standing(
  'delegation',
  'assent delegations',
  (house) => house.delegations,
);

function standing<V extends 'freeze' | 'delegate'>(
  name: string,
  command: string,
  of: (house: House) => readonly VerifiedInstruction<V>[],
): Standing<V> {
  const list = async (terminal: Terminal) => {
    const judge = await ownJudge(terminal);
    return of(judge.house(await readDatabase(terminal, (db) => readHouse(db))));
  };
  return {
    list,
    digestOf: async (terminal, given) => {
      const beginning = /^(?:sha256:)?([0-9a-f]{4,64})$/.exec(given)?.[1];
      if (beginning === undefined) {
        const such = `sha256: and at least 4 of its 64 hex digits (\`${command}\` tells them)`;
        throw new AssentError('digest_malformed', `${given} is no digest; give ${such}.`);
      }
      if (beginning.length === 64) return `sha256:${beginning}`;
      const [found, ...others] = (await list(terminal)).filter(({ digest }) =>
        digest.startsWith(`sha256:${beginning}`),
      );
      if (found !== undefined && others.length === 0) return found.digest;
      throw found === undefined
        ? new AssentError('digest_unknown', `No ${name} that stands begins so; \`${command}\` tells them.`)
        : new AssentError('digest_ambiguous', `Several ${name}s begin so; give more of the digest.`);
    },
  };
}
