/** What shows of a request: on its card, in its thread, in Temporal, in the book and in the audit records. */

import { readPages } from '../../activities/paint.ts';
import type { Verified } from '../../approval/types.ts';
import { type Case, caseOf } from '../../audit/case.ts';
import type { SlackMessage } from '../../dev/slack/local-slack.ts';
import { type AgentActionStatus, SEARCH_ATTRIBUTES, STATUS_QUERY } from '../../workflows/messages.ts';
import { type Handle, userOf } from './house.ts';
import type { AskedCard, Rig } from './rig.ts';
import { until } from './until.ts';

export const mention = (person: Handle): string => `<@${userOf(person)}>`;

/** Waits until the card's blocks hold these words. */
export function cardShows(rig: Rig, { message_ts }: AskedCard, words: string): Promise<SlackMessage> {
  return rig.slack.until(
    (all) => all.find(({ ts, blocks }) => ts === message_ts && JSON.stringify(blocks ?? []).includes(words)),
    { timeoutMs: 20_000 },
  );
}

/** Waits until a line of the thread holds these words. */
export function threadSays(rig: Rig, card: AskedCard, words: string): Promise<SlackMessage> {
  return rig.slack.until(
    async () =>
      (await rig.messagesOf(card)).find(
        ({ thread_ts, text }) => thread_ts !== undefined && text.includes(words),
      ),
    { timeoutMs: 20_000 },
  );
}

export async function linesWith(rig: Rig, card: AskedCard, words: string): Promise<number> {
  const lines = await rig.messagesOf(card);
  return lines.filter(({ thread_ts, text }) => thread_ts !== undefined && text.includes(words)).length;
}

/** What Slack told somebody alone, of this and everything else. */
export async function whispersTo(rig: Rig, person: Handle): Promise<readonly string[]> {
  const all = await rig.slack.messages();
  return all.filter(({ ephemeral_to }) => ephemeral_to === userOf(person)).map(({ text }) => text);
}

type Of = Pick<AskedCard, 'requestId'>;

export function statusOf(rig: Rig, { requestId }: Of): Promise<AgentActionStatus> {
  return rig.temporal.workflow.getHandle(requestId).query<AgentActionStatus>(STATUS_QUERY);
}

/** Waits until the workflow is at this phase, of whatever holds it. */
export function atPhase(rig: Rig, asked: Of, phase: AgentActionStatus['phase']): Promise<AgentActionStatus> {
  return until(`the workflow is ${phase}`, async () => {
    const status = await statusOf(rig, asked);
    return status.phase === phase && status;
  });
}

export async function heldBy(rig: Rig, asked: Of): Promise<string | undefined> {
  return (await atPhase(rig, asked, 'held')).held?.code;
}

/** The workflow's status and its search attribute AssentState, once it has closed. */
export function closedAs(rig: Rig, { requestId }: Of): Promise<readonly [string, unknown]> {
  return until('the workflow has closed', async () => {
    const { status, searchAttributes } = await rig.temporal.workflow.getHandle(requestId).describe();
    const state = searchAttributes[SEARCH_ATTRIBUTES.state]?.[0];
    return status.name !== 'RUNNING' && ([status.name, state] as const);
  });
}

export async function stateOf(rig: Rig, { requestId }: Of): Promise<Case['standings']['state']> {
  return (await rig.standing(requestId)).standings.state;
}

async function dossierOf(rig: Rig, { requestId }: Of): Promise<Case['dossier']> {
  const found = caseOf(requestId, await readPages(requestId, rig.book), rig.judge(), Date.now());
  if (found === null) throw new Error('the book holds no such request');
  return found.dossier;
}

/** The one Start that was not refused, and the people whose approvals it names. */
export async function ranBy(
  rig: Rig,
  asked: Of,
): Promise<{ readonly start: Verified<'start'>; readonly people: readonly (string | null)[] }> {
  const { starts, finishes, decisions } = await dossierOf(rig, asked);
  const refused = finishes.flatMap(({ statement }) =>
    statement.outcome === 'refused' ? [statement.start] : [],
  );
  const ran = starts.filter(({ digest }) => !refused.includes(digest));
  const [start] = ran;
  if (start === undefined || ran.length > 1) throw new Error(`${ran.length} Starts were not refused`);
  const named = decisions.filter(({ digest }) => start.statement.decisions.includes(digest));
  return { start, people: named.map(({ statement }) => statement.person).toSorted() };
}

export async function revisionsOf(rig: Rig, asked: Of): Promise<readonly number[]> {
  return (await dossierOf(rig, asked)).previews.map(({ statement }) => statement.revision);
}

/** By the book: whether its one right to run was used. */
export async function isConsumed(rig: Rig, { requestId }: Of): Promise<boolean> {
  return (await rig.book.statements(requestId)).consumed;
}

/** The kinds of the audit records of a request, in order, once the workflow has recorded itself. */
export async function recordsOf(
  rig: Rig,
  { requestId }: Of,
): Promise<readonly { readonly kind: string; readonly record: string }[]> {
  const rows = await rig.db
    .selectFrom('records')
    .select(['kind', 'record', 'event_id'])
    .where('request_id', '=', requestId)
    .execute();
  return rows
    .toSorted((left, right) => Number(left.event_id) - Number(right.event_id))
    .map(({ kind, record }) => ({ kind, record: record.toString() }));
}
