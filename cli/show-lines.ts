/** A request's story in lines: what was asked, where it stands, what was signed, and what Temporal tells. */
import type { Case } from '../audit/case.ts';
import type { Consumption } from '../book/page.ts';
import type { RequestStatement, Timestamp } from '../client/vocabulary.ts';
import { agentLines, jsonLines } from './card-lines.ts';
import { field, wrap } from './layout.ts';
import type { ShownStates, ToldRecord } from './record-words.ts';
import { shownState } from './standing.ts';
import { standingLines } from './standing-lines.ts';
import type { ToldStatement } from './statement-words.ts';
import { shortTime } from './time.ts';
import { visible } from './visible.ts';

export interface Story {
  readonly request_id: string;
  readonly state: ShownStates;
  /** As the first request in the book says; null where none stands there. */
  readonly request: RequestStatement | null;
  readonly statements: readonly ToldStatement[];
  readonly consumption: Consumption | null;
  readonly records: readonly ToldRecord[];
}

/** Its case by one's own files; null with the reason why there is none. */
export interface Judged {
  readonly judged: Case | null;
  readonly why: string;
}

export function showLines(story: Story, { judged, why }: Judged, columns: number): readonly string[] {
  const line = (name: string, value: string) => field(name, visible(value), columns);
  return [
    ...line('Request', story.request_id),
    ...line('State', judged === null ? stateWords(story.state) : shownState(judged).replaceAll('_', ' ')),
    ...(story.request === null ? [] : askedLines(story.request, columns)),
    '',
    ...(judged === null ? wrap(visible(why), columns) : standingLines(judged, columns)),
    '',
    ...bookLines(story, columns),
    '',
    ...recordLines(story, columns),
  ];
}

function stateWords({ latest, backed }: ShownStates): string {
  if (latest.backing === 'backed') return latest.state;
  const signed = backed === null || backed === latest.state ? '' : `; by what is signed: ${backed}`;
  return `${latest.state} (claimed: only Temporal's history says so${signed})`;
}

function askedLines({ agent, action, key, claims, requested_at }: RequestStatement, columns: number) {
  const line = (name: string, value: string) => field(name, visible(value), columns);
  return [
    ...line('Agent', agent),
    ...line('Action', action.name),
    ...line('Asked', `${shortTime(requested_at)} UTC`),
    ...line('Key', key),
    'Input',
    ...jsonLines(action.input, columns),
    ...agentLines({ claims }, columns),
  ];
}

function bookLines({ statements, consumption }: Story, columns: number): readonly string[] {
  if (statements.length === 0) return ['The book holds nothing of it.'];
  const width = Math.max(...statements.map(({ kind }) => kind.length));
  const consumed =
    consumption === null
      ? ['  The right to run it has not been used.']
      : [`  The right to run it was used up at ${shortTime(consumption.consumed_at)}; it runs no more.`];
  return [
    'Signed statements in the book, in order, as they read, with [signers]',
    ...statements.flatMap(({ at, kind, words, signers }) =>
      behind(`  ${timeOf(at)}  ${kind.padEnd(width)}  `, `${words} [${namesOf(signers)}]`, columns),
    ),
    ...consumed,
  ];
}

function recordLines({ records, request_id }: Story, columns: number): readonly string[] {
  if (records.length === 0) return ["No record of Temporal's history yet: they come when a run ends."];
  return [
    ...wrap("Records of Temporal's history. Backed: a signed statement says so too.", columns),
    ...records.flatMap(({ at, kind, backing, words, workflow_id }) => {
      const elsewhere = workflow_id === request_id ? '' : ` in workflow ${workflow_id}`;
      return behind(`  ${backing.padEnd(7)}  ${timeOf(at)}  `, `${kind}  ${words}${elsewhere}`, columns);
    }),
  ];
}

/** Words behind their head, and further lines under the words. */
function behind(head: string, words: string, columns: number): string[] {
  const [first = '', ...rest] = wrap(visible(words), columns, head.length);
  return [head + first.trimStart(), ...rest];
}

function timeOf(at: Timestamp | null): string {
  return at === null ? '?'.padEnd(19) : shortTime(at).padEnd(19);
}

function namesOf(signers: readonly string[]): string {
  return signers.length === 0 ? '?' : signers.map((keyid) => keyid.split('+')[0] ?? '?').join(', ');
}
