/** The book's statements as one reads them: what each says, in words, with its time and the name on its signature. */

import type { BookedStatement } from '../book/page.ts';
import type {
  Digest,
  Json,
  RequestStatement,
  StatementByKind,
  StatementKind,
  Timestamp,
} from '../client/vocabulary.ts';
import { AssentError, parseEnvelope, parseJson, statementSchemas } from '../client/vocabulary.ts';
import { shortTime } from './time.ts';

export interface ToldStatement {
  readonly kind: StatementKind;
  readonly digest: Digest;
  /** The key id that the signature names; null where it can't be read. */
  readonly signer: string | null;
  readonly at: Timestamp | null;
  readonly words: string;
  /** Its payload; null where it can't be read. */
  readonly statement: Json;
}

interface Words {
  readonly at: Timestamp;
  readonly words: string;
}

/** Nothing is verified here: it is told as the database has it. */
export function tellStatement({ kind, digest, envelope }: BookedStatement): ToldStatement {
  try {
    const { payload, signatures } = parseEnvelope(envelope);
    const statement = parseJson(Buffer.from(payload, 'base64').toString());
    return { kind, digest, signer: signatures[0].keyid, ...tell(kind, statement), statement };
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    const words = `can't be read: ${error.message}`;
    return { kind, digest, signer: null, at: null, words, statement: null };
  }
}

/** The request that a told statement is; null where it is none. */
export function requestIn({ kind, statement }: ToldStatement): RequestStatement | null {
  return kind === 'request' ? (statementSchemas.request.safeParse(statement).data ?? null) : null;
}

function tell<K extends StatementKind>(kind: K, payload: Json): Words {
  const parsed = statementSchemas[kind].safeParse(payload);
  if (parsed.success) return tellers[kind](parsed.data);
  throw new AssentError('statement_malformed', `it is no ${kind}`);
}

const tellers: { readonly [K in StatementKind]: (statement: StatementByKind[K]) => Words } = {
  request: ({ agent, action, requested_at }) => ({
    at: requested_at,
    words: `${agent} asks for ${action.name}`,
  }),
  preview: ({ facts, previewed_at, revision }) => ({
    at: previewed_at,
    words: `the executor looked, without running it (revision ${revision}): ${factsIn(facts)}`,
  }),
  decision: (statement) => ({ at: statement.decided_at, words: decisionWords(statement) }),
  instruction: ({ detail, reason, issued_at }) => ({
    at: issued_at,
    words: `${detail.agent} withdraws the request${because(reason)}`,
  }),
  start: ({ decisions, started_at, deadline }) => ({
    at: started_at,
    words: `the executor starts, ${decisions.length === 0 ? 'by policy alone' : `on ${counted(decisions.length, 'decision')}`}; unknown if not ended by ${shortTime(deadline)}`,
  }),
  finish: ({ outcome, code, finished_at }) => ({
    at: finished_at,
    words: outcome === 'refused' ? `refused before it ran: ${code}` : `it ${outcome}${unless(code, outcome)}`,
  }),
  refusal: ({ activity, step, code, refused_at }) => ({
    at: refused_at,
    words: `${activity} was refused at the step ${step}: ${code}`,
  }),
};

function decisionWords({ person, verdict, standing, channel, reason }: StatementByKind['decision']): string {
  const who = person ?? `somebody unknown (${channel.name} ${channel.account})`;
  const act = verdict === 'approve' ? 'approves' : 'denies';
  if (standing.eligible) return `${who} ${act}${because(reason)}`;
  const tried = verdict === 'approve' ? 'tries to approve' : 'tries to deny';
  return `${who} ${tried}, and is refused: ${standing.code}${because(reason)}`;
}

function factsIn(facts: StatementByKind['preview']['facts']): string {
  const told = Object.entries(facts).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return told.length === 0 ? 'no facts' : told.join(', ');
}

function because(reason: string | null): string {
  return reason === null ? '' : `: “${reason}”`;
}

function unless(code: string, outcome: string): string {
  return code === outcome ? '' : `: ${code}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
