/** approved, denied, expired, withdrawn, undeliverable, flooded: what the workflow concluded, as its search attribute says. */
import { type Resolution, SEARCH_ATTRIBUTES } from '../../approval/types.ts';
import { at, type HistoryEvent, valueIn } from './event.ts';
import { concludedAt, type Told } from './told.ts';

/** @param earlier what was told of policy, preview, delivery and signals */
export function resolved(events: readonly HistoryEvent[], earlier: readonly Told[]): readonly Told[] {
  return events.flatMap((event) => {
    const state = resolutionIn(event);
    if (state === null) return [];
    const before = earlier.filter((told) => concludedAt(told) < event.position);
    const deciding = before.findLast((told) => decides(told, state));
    // Without anybody's word, policy, preview or channel said no.
    const code = deciding === undefined ? (before.findLast(refuses)?.detail.code ?? null) : null;
    return { kind: state, event, digest: deciding?.digest ?? null, state, detail: { code } };
  });
}

function decides({ kind, detail }: Told, state: Resolution): boolean {
  if (state === 'withdrawn') return kind === 'withdrawn';
  if (kind !== 'decision_accepted') return false;
  return (
    (state === 'approved' && detail.verdict === 'approve') ||
    (state === 'denied' && detail.verdict === 'deny')
  );
}

function refuses({ kind, detail }: Told): boolean {
  if (kind === 'policy_evaluated') return detail.effect === 'deny';
  return kind === 'undeliverable' || (kind === 'previewed' && detail.ok === false);
}

const resolutions: readonly Resolution[] = [
  'approved',
  'denied',
  'expired',
  'withdrawn',
  'undeliverable',
  'flooded',
];

function resolutionIn({ name, attributes }: HistoryEvent): Resolution | null {
  if (name !== 'upsertWorkflowSearchAttributes') return null;
  const state = valueIn(at(attributes, 'searchAttributes', 'indexedFields', SEARCH_ATTRIBUTES.state));
  return resolutions.find((resolution) => resolution === state) ?? null;
}
