/** Approvals that counted when they were given and count no more, and why. */
import type { Digest } from '../../approval/types.ts';
import type { CardInput } from './card-input.ts';

export interface Lapsed {
  readonly person: string;
  readonly digest: Digest;
  /** In words. */
  readonly why: string;
}

/**
 * Of what stands now: what was approved before it changed is told of by what asks again. Nothing lapses once it
 * has run.
 */
export function lapsedApprovals({ dossier, policy, standings }: CardInput): readonly Lapsed[] {
  const { state, placed } = standings;
  if (state !== 'pending' && state !== 'approved' && state !== 'refused') return [];
  const codes = new Map(placed.map(({ digest, code }) => [digest, code]));
  return dossier.decisions.flatMap(({ digest, statement }) => {
    const { person, verdict, standing, preview_digest, rule_digest } = statement;
    if (person === null || verdict !== 'approve' || !standing.eligible) return [];
    if (preview_digest !== dossier.preview?.digest) return [];
    if (rule_digest !== policy.rule_digest) {
      return [{ person, digest, why: 'the rule that asked for it has changed since' }];
    }
    const code = codes.get(digest);
    if (code === 'not_eligible') return [{ person, digest, why: 'no longer among those who may decide' }];
    return code === 'excluded' ? [{ person, digest, why: 'excluded since' }] : [];
  });
}
