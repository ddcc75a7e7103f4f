/** A grant that was refused: at which of verifyGrant's steps, and by which code. */
import { AssentError } from './error.ts';
import type { Verified } from './types.ts';

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

export class GrantRefused extends AssentError {
  readonly step: Step;
  /** The Start that was booked before the refusal; it needs a Finish that says so. */
  readonly start: Verified<'start'> | null;

  constructor(
    step: Step,
    code: string,
    message: string,
    { start, cause }: { readonly start?: Verified<'start'>; readonly cause?: unknown } = {},
  ) {
    super(code, message, { cause, evidence: { step } });
    this.step = step;
    this.start = start ?? null;
  }
}
