/** The book's statements as one reads them: what each says, in words, with its time and the name on its signature. */

import type { BookedStatement } from '../book/page.ts';
import type {
  Digest,
  InstructionStatement,
  Json,
  RequestStatement,
  StatementByKind,
  StatementKind,
  Timestamp,
} from '../client/vocabulary.ts';
import {
  AssentError,
  ENDED_CODES,
  parseEnvelope,
  parseJson,
  statementSchemas,
} from '../client/vocabulary.ts';
import { shortTime } from './time.ts';

export interface ToldStatement {
  readonly kind: StatementKind;
  readonly digest: Digest;
  /** The key ids that the signatures name; none where they can't be read. */
  readonly signers: readonly string[];
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
    return {
      kind,
      digest,
      signers: signatures.map(({ keyid }) => keyid),
      ...tell(kind, statement),
      statement,
    };
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    const words = `can't be read: ${error.message}`;
    return { kind, digest, signers: [], at: null, words, statement: null };
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
  instruction: (statement) => ({ at: statement.issued_at, words: instructionWords(statement) }),
  start: ({ decisions, started_at, deadline }) => ({
    at: started_at,
    words: `the executor starts, ${decisions.length === 0 ? 'by policy alone' : `on ${counted(decisions.length, 'decision')}`}; unknown if not ended by ${shortTime(deadline)}`,
  }),
  finish: ({ outcome, code, finished_at }) => ({ at: finished_at, words: finishWords(outcome, code) }),
  refusal: ({ activity, step, code, refused_at }) => ({
    at: refused_at,
    words: `${activity} was refused at the step ${step}: ${code}`,
  }),
};

const ACTS = { approve: 'approve', deny: 'deny', defer: 'hand it' } as const;
const DOES = { approve: 'approves', deny: 'denies', defer: 'hands it' } as const;

function decisionWords({
  person,
  verdict,
  to,
  standing,
  channel,
  reason,
}: StatementByKind['decision']): string {
  const who = person ?? `somebody unknown (${channel.name} ${channel.account})`;
  const whom = to === null ? '' : ` to ${to}`;
  if (standing.eligible) return `${who} ${DOES[verdict]}${whom}${because(reason)}`;
  return `${who} tries to ${ACTS[verdict]}${whom}, and is refused: ${standing.code}${because(reason)}`;
}

function instructionWords(statement: InstructionStatement): string {
  const who = statement.verb === 'withdraw' ? statement.detail.agent : (statement.person ?? '?');
  return `${who} ${verbWords(statement)}${because(statement.reason)}`;
}

function verbWords(statement: InstructionStatement): string {
  switch (statement.verb) {
    case 'withdraw':
      return 'withdraws the request';
    case 'settle':
      return `says that it ${statement.detail.ran ? 'ran' : 'did not run'}`;
    case 'break_glass':
      return `breaks the glass, alone, until ${shortTime(statement.expires_at)}`;
    case 'review':
      return `finds that ${statement.detail.justified ? 'justified' : 'not justified'}`;
    case 'revoke':
      return 'ends it early';
    case 'freeze':
      return `freezes ${statement.subject}`;
    case 'unfreeze':
      return 'lifts a freeze';
    case 'delegate':
      return `lets ${statement.subject} decide ${statement.detail.action}`;
  }
}

function finishWords(outcome: StatementByKind['finish']['outcome'], code: string): string {
  if (outcome === 'refused') return `refused before it ran: ${code}`;
  if (outcome === 'succeeded' && ENDED_CODES.has(code))
    return `it has ended${code === 'ended' ? '' : `: ${code}`}`;
  return `it ${outcome}${unless(code, outcome)}`;
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
