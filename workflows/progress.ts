/** How a request looks from Temporal: the `status` query, search attributes and current details. */

import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  defineQuery,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Tally } from '../approval/tally.ts';
import type { PlacedDecision } from '../approval/timeline.ts';
import type { Resolution, Timestamp } from '../approval/types.ts';
import type { Ending } from './ending.ts';
import {
  type AgentActionResult,
  type AgentActionStatus,
  type Phase,
  type Ruling,
  SEARCH_ATTRIBUTES,
  STATUS_QUERY,
} from './messages.ts';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const STATE = keyword(SEARCH_ATTRIBUTES.state);
const ACTION = keyword(SEARCH_ATTRIBUTES.action);
const AGENT = keyword(SEARCH_ATTRIBUTES.agent);
const RISK = keyword(SEARCH_ATTRIBUTES.risk);
const RULE = keyword(SEARCH_ATTRIBUTES.rule);
const DEADLINE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.deadline, SearchAttributeType.DATETIME);

export interface Progress {
  enters(phase: Phase): void;
  /** The card is out and people are asked until the deadline. */
  asks(ruling: Ruling, deadline: number, counted: Tally): void;
  /** Something keeps it from going on, until then where that is known. */
  holds(code: string, until: Timestamp | null): void;
  counts(placed: readonly PlacedDecision[], counted: Tally): void;
  resolves(resolution: Resolution): void;
  /** An operator cancelled it; there is no resolution. */
  cancelled(): void;
  /** The answer is known. It may be told twice: first while something still has to come of it. */
  closes(ruling: Ruling, ending: Ending, result: AgentActionResult): void;
  handled(): Promise<void>;
}

/** Registers the query; call it before anything is awaited. */
export function openProgress(): Progress {
  let phase: Phase = 'evaluating';
  let resolution: Resolution | null = null;
  let approvals: readonly string[] = [];
  let needed = 0;
  let deadline: Timestamp | null = null;
  let held: AgentActionStatus['held'] = null;
  let answer: AgentActionResult | null = null;
  setHandler(
    defineQuery<AgentActionStatus>(STATUS_QUERY),
    () => ({ phase, resolution, approvals, needed, deadline, held, answer }),
    { description: 'Where the request stands, as orchestration sees it.' },
  );
  return {
    enters: (next) => {
      phase = next;
      held = null;
    },
    holds: (code, until) => {
      phase = 'held';
      held = { code, until };
      upsertSearchAttributes([{ key: STATE, value: 'held' }]);
      setCurrentDetails(`**Held: ${code}**${until === null ? '' : `, tried again at ${until}`}`);
    },
    asks: (ruling, until, counted) => {
      phase = 'pending';
      held = null;
      needed = counted.needed;
      deadline = new Date(until).toISOString();
      upsertSearchAttributes([
        ...named(ruling),
        { key: STATE, value: 'pending' },
        { key: DEADLINE, value: new Date(until) },
      ]);
    },
    counts: (placed, counted) => {
      approvals = counted.approvals.map(({ person }) => person);
      needed = counted.needed;
      setCurrentDetails(decisionTable(placed, counted));
    },
    resolves: (ended) => {
      resolution = ended;
      upsertSearchAttributes([{ key: STATE, value: ended }]);
    },
    cancelled: () => {
      phase = 'closed';
      upsertSearchAttributes([{ key: STATE, value: 'cancelled' }]);
    },
    closes: (ruling, ending, result) => {
      const { resolution: ended } = ending;
      const state = stateOf(ending, result);
      phase = PHASE_OF[state] ?? 'closed';
      resolution = ended;
      answer = result;
      upsertSearchAttributes([...named(ruling), { key: STATE, value: state }]);
    },
    handled: () => condition(allHandlersFinished),
  };
}

/** While it stays open for what follows, the phase says for what. */
const PHASE_OF: Readonly<Record<string, Phase>> = { unknown: 'unsettled', active: 'active' };

function stateOf({ resolution, outcome, over, settlement }: Ending, { until }: AgentActionResult): string {
  if (settlement) return 'settled';
  if (over === true) return 'ended';
  if (outcome === 'succeeded' && until !== null) return 'active';
  return outcome === 'not_executed' && resolution !== 'approved' ? resolution : outcome;
}

function named({ action, agent, rule, requirement }: Ruling) {
  return [
    ...(action === null ? [] : [{ key: ACTION, value: action }]),
    ...(agent === null ? [] : [{ key: AGENT, value: agent }]),
    ...(rule === null ? [] : [{ key: RULE, value: rule }]),
    ...(requirement === null ? [] : [{ key: RISK, value: requirement.risk }]),
  ];
}

function decisionTable(placed: readonly PlacedDecision[], counted: Tally): string {
  const rows = placed.map(
    ({ person, verdict, code, decided_at }) =>
      `| ${person ?? 'unknown'} | ${verdict} | ${code} | ${decided_at} |`,
  );
  return [
    `**${counted.filled} of ${counted.needed} approvals: ${counted.verdict}**`,
    '',
    '| Person | Verdict | Counts | At |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
