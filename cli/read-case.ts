/** A request's case by the command line's own files: what the database holds is verified here, and judged. */
import type { Kysely } from 'kysely';
import { type Case, caseOf } from '../audit/case.ts';
import type { HouseJudge } from '../audit/judge.ts';
import { loadJudge } from '../audit/load-judge.ts';
import { readHouse, readPage } from '../book/page.ts';
import type { Database } from '../book/schema.ts';
import { AssentError } from '../client/vocabulary.ts';
import { needed } from './environment.ts';
import { prefixOf, requestBeginning } from './find-request.ts';
import { readDatabase } from './read-database.ts';
import type { Terminal } from './terminal.ts';

/** @throws AssentError `environment_incomplete`, and whatever is wrong with a file */
export function ownJudge(terminal: Pick<Terminal, 'env'>): Promise<HouseJudge> {
  const file = (variable: string, what: string) => needed(terminal, variable, what);
  return loadJudge({
    ASSENT_TRUST: file('ASSENT_TRUST', 'trust.yaml, whose signatures count'),
    ASSENT_POLICY: file('ASSENT_POLICY', 'policy.yaml, as the gateway has it'),
    ASSENT_DIRECTORY: file('ASSENT_DIRECTORY', 'directory.yaml, as the gateway has it'),
    ASSENT_ACTIONS: terminal.env.ASSENT_ACTIONS,
  });
}

/** Whether {@link ownJudge} has what it needs. */
export function canJudge({ env }: Pick<Terminal, 'env'>): boolean {
  return ['ASSENT_TRUST', 'ASSENT_POLICY', 'ASSENT_DIRECTORY'].every((name) => (env[name] ?? '') !== '');
}

/** Null where the book holds no such request. @throws AssentError those of {@link caseOf} */
export async function caseIn(
  db: Kysely<Database>,
  requestId: string,
  judge: HouseJudge,
  now: number,
): Promise<Case | null> {
  const [{ booked }, house] = await Promise.all([readPage(db, requestId), readHouse(db)]);
  return caseOf(requestId, { booked, house }, judge, now);
}

/**
 * The case of the request that is meant.
 *
 * @throws AssentError `request_id_malformed`, `request_unknown`, `request_id_ambiguous`, those of {@link caseOf} and
 *   of {@link readDatabase}
 */
export async function readCase(terminal: Terminal, given: string, judge: HouseJudge): Promise<Case> {
  const prefix = prefixOf(given);
  return readDatabase(terminal, async (db) => {
    const id = await requestBeginning(db, prefix);
    const subject = await caseIn(db, id, judge, terminal.now());
    if (subject !== null) return subject;
    throw new AssentError(
      'request_unknown',
      `The book holds nothing of ${id}: only Temporal's history tells of it (assent show ${id.slice(0, 12)}).`,
    );
  });
}
