/** A grant that was refused: at which of verifyGrant's steps, and by which code. */
import { AssentError } from './error.ts';
import type { Digest, Timestamp, Verified } from './types.ts';

export const steps = [
  'request',
  'input',
  'policy',
  'decisions',
  'eligibility',
  'separation',
  'requirement',
  'time',
  'start',
  'consume',
] as const;
export type Step = (typeof steps)[number];

/** What may still come of a request that was refused now. */
export type Again =
  /** Something holds it: another try has sense at `until`; null where only a person can end it. */
  | { readonly how: 'hold'; readonly until: Timestamp | null }
  /** What was approved stands no more: people are asked anew, of this preview. */
  | { readonly how: 'ask'; readonly preview: { readonly digest: Digest; readonly previewed_at: Timestamp } };

export class GrantRefused extends AssentError {
  readonly step: Step;
  /** The Start that was booked before the refusal; it needs a Finish that says so. */
  readonly start: Verified<'start'> | null;
  /** Null where it is refused for good. */
  readonly again: Again | null;

  constructor(
    step: Step,
    code: string,
    message: string,
    {
      start,
      cause,
      again,
    }: { readonly start?: Verified<'start'>; readonly cause?: unknown; readonly again?: Again | null } = {},
  ) {
    super(code, message, { cause, evidence: { step } });
    this.step = step;
    this.start = start ?? null;
    this.again = again ?? null;
  }
}
