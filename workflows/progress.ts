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
import type { Outcome, Resolution, Timestamp } from '../approval/types.ts';
import {
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
  asks(ruling: Ruling, deadline: number): void;
  counts(placed: readonly PlacedDecision[], counted: Tally): void;
  resolves(resolution: Resolution): void;
  /** An operator cancelled it; there is no resolution. */
  cancelled(): void;
  closes(ruling: Ruling, resolution: Resolution, outcome: Outcome): void;
  handled(): Promise<void>;
}

/** Registers the query; call it before anything is awaited. */
export function openProgress(): Progress {
  let phase: Phase = 'evaluating';
  let resolution: Resolution | null = null;
  let approvals: readonly string[] = [];
  let needed = 0;
  let deadline: Timestamp | null = null;
  setHandler(
    defineQuery<AgentActionStatus>(STATUS_QUERY),
    () => ({ phase, resolution, approvals, needed, deadline }),
    { description: 'Where the request stands, as orchestration sees it.' },
  );
  return {
    enters: (next) => {
      phase = next;
    },
    asks: (ruling, until) => {
      phase = 'pending';
      needed = ruling.requirement?.count ?? 0;
      deadline = new Date(until).toISOString();
      upsertSearchAttributes([
        ...named(ruling),
        { key: STATE, value: 'pending' },
        { key: DEADLINE, value: new Date(until) },
      ]);
    },
    counts: (placed, counted) => {
      approvals = counted.approvals.map(({ person }) => person);
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
    closes: (ruling, ended, outcome) => {
      phase = 'closed';
      resolution = ended;
      const state = outcome === 'not_executed' && ended !== 'approved' ? ended : outcome;
      upsertSearchAttributes([...named(ruling), { key: STATE, value: state }]);
    },
    handled: () => condition(allHandlersFinished),
  };
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
    `**${counted.approvals.length} of ${counted.needed} approvals: ${counted.verdict}**`,
    '',
    '| Person | Verdict | Counts | At |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
