/**
 * Who decides what and when, and what comes of it: the same for every channel, since all of them end at one gate.
 *
 * A vector is a request under a rule of test/rig/house.ts, what happened to it before, one more decision, the code
 * that this one gets, and how many approvals count afterwards.
 */
import type { Verdict } from '../../approval/types.ts';
import type { Handle } from '../rig/house.ts';

export interface Move {
  readonly person: Handle;
  readonly verdict: Verdict;
  /** Whom a deferral names. */
  readonly to?: Handle;
  /** `stale`: the card said something else than what stands. */
  readonly card?: 'stale';
  /** Null for none; a denial and a deferral give one unless told, an approval gives none unless told. */
  readonly reason?: string | null;
  readonly typed?: string;
}

export type Step = Move | { readonly until: 'escalated' | 'expired' | 'succeeded' };

export interface Vector {
  readonly name: string;
  readonly rule:
    | 'one'
    | 'two'
    | 'steps'
    | 'lapsing'
    | 'reasoned'
    | 'typed'
    | 'signed'
    | 'denials'
    | 'ordered';
  readonly before: readonly Step[];
  readonly move: Move;
  /** Of the decision's standing: `eligible` where it counts. */
  readonly code: string;
  /** By an own key, where that makes a difference. */
  readonly signed?: { readonly code: string; readonly approvals: number };
  readonly approvals: number;
  /** Where the request stands then; nothing is said of it where an execution may follow at once. */
  readonly state?: string;
}

export const reasonOf = ({ verdict, reason }: Move): string | null =>
  reason === undefined ? (verdict === 'approve' ? null : 'Not now.') : reason;

const approve = (person: Handle): Move => ({ person, verdict: 'approve' });
const deny = (person: Handle): Move => ({ person, verdict: 'deny' });
const defer = (person: Handle, to: Handle): Move => ({ person, verdict: 'defer', to });

export const vectors: readonly Vector[] = [
  {
    name: 'somebody of the right group approves',
    rule: 'one',
    before: [],
    move: approve('ana'),
    code: 'eligible',
    approvals: 1,
  },
  {
    name: 'somebody of the right group denies',
    rule: 'one',
    before: [],
    move: deny('ana'),
    code: 'eligible',
    approvals: 0,
    state: 'denied',
  },
  {
    name: 'the requester approves',
    rule: 'one',
    before: [],
    move: approve('mia'),
    code: 'excluded',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'the requester denies',
    rule: 'one',
    before: [],
    move: deny('mia'),
    code: 'excluded',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'the owner of the agent approves',
    rule: 'one',
    before: [],
    move: approve('olaf'),
    code: 'excluded',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody of another group approves',
    rule: 'one',
    before: [],
    move: approve('dan'),
    code: 'not_eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody of another group denies',
    rule: 'one',
    before: [],
    move: deny('dan'),
    code: 'not_eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'an account that is bound to nobody approves',
    rule: 'one',
    before: [],
    move: approve('eve'),
    code: 'person_unknown',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'a guest approves',
    rule: 'one',
    before: [],
    move: approve('gus'),
    code: 'account_guest',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'a bot approves',
    rule: 'one',
    before: [],
    move: approve('bot'),
    code: 'account_bot',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'a stranger from a shared channel approves',
    rule: 'one',
    before: [],
    move: approve('stan'),
    code: 'account_stranger',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'a deactivated account approves',
    rule: 'one',
    before: [],
    move: approve('del'),
    code: 'account_deactivated',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'an account that belongs to another workspace approves',
    rule: 'one',
    before: [],
    move: approve('fox'),
    code: 'account_foreign_team',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'the people of the escalation approve too early',
    rule: 'one',
    before: [],
    move: approve('sam'),
    code: 'not_asked_yet',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'the people of the escalation approve in their time',
    rule: 'steps',
    before: [{ until: 'escalated' }],
    move: approve('sam'),
    code: 'eligible',
    approvals: 1,
  },
  {
    name: 'an approval given too early does not count later',
    rule: 'steps',
    before: [approve('sam'), { until: 'escalated' }],
    move: approve('dan'),
    code: 'not_eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'the first of two approves',
    rule: 'two',
    before: [],
    move: approve('ana'),
    code: 'eligible',
    approvals: 1,
    state: 'pending',
  },
  {
    name: 'the same person approves twice',
    rule: 'two',
    before: [approve('ana')],
    move: approve('ana'),
    code: 'already_approved',
    approvals: 1,
    state: 'pending',
  },
  {
    name: 'the second of two approves',
    rule: 'two',
    before: [approve('ana')],
    move: approve('ben'),
    code: 'eligible',
    approvals: 2,
  },
  {
    name: 'somebody denies their own approval away',
    rule: 'two',
    before: [approve('ana')],
    move: deny('ana'),
    code: 'eligible',
    approvals: 0,
    state: 'denied',
  },
  {
    name: 'somebody approves what is denied',
    rule: 'one',
    before: [deny('ana')],
    move: approve('ben'),
    code: 'request_denied',
    approvals: 0,
    state: 'denied',
  },
  {
    name: 'somebody denies what is denied',
    rule: 'one',
    before: [deny('ana')],
    move: deny('ben'),
    code: 'request_denied',
    approvals: 0,
    state: 'denied',
  },
  {
    name: 'somebody approves what has run',
    rule: 'one',
    before: [approve('ana'), { until: 'succeeded' }],
    move: approve('ben'),
    code: 'request_succeeded',
    approvals: 1,
    state: 'succeeded',
  },
  {
    name: 'somebody denies what has run',
    rule: 'one',
    before: [approve('ana'), { until: 'succeeded' }],
    move: deny('ben'),
    code: 'request_succeeded',
    approvals: 1,
    state: 'succeeded',
  },
  {
    name: 'somebody approves what has expired',
    rule: 'lapsing',
    before: [{ until: 'expired' }],
    move: approve('ana'),
    code: 'request_expired',
    approvals: 0,
    state: 'expired',
  },
  {
    name: 'somebody approves a card that has changed since',
    rule: 'one',
    before: [],
    move: { ...approve('ana'), card: 'stale' },
    code: 'card_stale',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody denies from a card that has changed since',
    rule: 'one',
    before: [],
    move: { ...deny('ana'), card: 'stale' },
    code: 'eligible',
    approvals: 0,
    state: 'denied',
  },
  {
    name: 'somebody approves without the reason that the rule wants',
    rule: 'reasoned',
    before: [],
    move: approve('ana'),
    code: 'reason_missing',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody approves with the reason that the rule wants',
    rule: 'reasoned',
    before: [],
    move: { ...approve('ana'), reason: 'Looked into it.' },
    code: 'eligible',
    approvals: 1,
  },
  {
    name: 'somebody approves without typing what is touched',
    rule: 'typed',
    before: [],
    move: approve('ana'),
    code: 'typed_mismatch',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody types something else than what is touched',
    rule: 'typed',
    before: [],
    move: { ...approve('ana'), typed: 'test.Work' },
    code: 'typed_mismatch',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody types what is touched',
    rule: 'typed',
    before: [{ ...approve('ana'), typed: 'work' }],
    move: { ...approve('ana'), typed: 'test.work' },
    code: 'eligible',
    approvals: 1,
  },
  {
    name: 'somebody approves where an own signature is wanted',
    rule: 'signed',
    before: [],
    move: approve('ana'),
    code: 'own_key_required',
    signed: { code: 'eligible', approvals: 1 },
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody denies where an own signature is wanted',
    rule: 'signed',
    before: [],
    move: deny('ana'),
    code: 'eligible',
    approvals: 0,
    state: 'denied',
  },
  {
    name: 'the first of two whose denials end it denies',
    rule: 'denials',
    before: [],
    move: deny('ana'),
    code: 'eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'the same person denies twice where two are needed, and then approves',
    rule: 'denials',
    before: [deny('ana'), deny('ana')],
    move: approve('ana'),
    code: 'already_denied',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'the second of two whose denials end it denies',
    rule: 'denials',
    before: [deny('ana')],
    move: deny('ben'),
    code: 'eligible',
    approvals: 0,
    state: 'denied',
  },
  {
    name: 'somebody hands it to another who may decide',
    rule: 'one',
    before: [],
    move: defer('ana', 'ben'),
    code: 'eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody hands it to someone who may not decide',
    rule: 'one',
    before: [],
    move: defer('ana', 'dan'),
    code: 'other_not_eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody hands it to the requester',
    rule: 'one',
    before: [],
    move: defer('ana', 'mia'),
    code: 'other_not_eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody hands it to themselves',
    rule: 'one',
    before: [],
    move: defer('ana', 'ana'),
    code: 'other_not_eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody who may not decide hands it on',
    rule: 'one',
    before: [],
    move: defer('dan', 'ana'),
    code: 'not_eligible',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'somebody hands it on and approves all the same',
    rule: 'one',
    before: [defer('ana', 'ben')],
    move: approve('ana'),
    code: 'eligible',
    approvals: 1,
  },
  {
    name: 'those of the second part approve before the first is met',
    rule: 'ordered',
    before: [],
    move: approve('sam'),
    code: 'not_asked_yet',
    approvals: 0,
    state: 'pending',
  },
  {
    name: 'those of the second part approve after the first is met',
    rule: 'ordered',
    before: [approve('ben')],
    move: approve('sam'),
    code: 'eligible',
    approvals: 2,
  },
];
