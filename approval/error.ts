/** The one base error: a stable code to branch on, a message for people, evidence attached. */

export interface AssentErrorOptions {
  readonly cause?: unknown;
  /** What a caller needs to see why: ids, digests, envelopes. Never a secret. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/**
 * Every error that Assent throws on purpose.
 *
 * `code` is stable and in snake_case: branch on it, never on `message`, which names the place and the cure.
 */
export class AssentError extends Error {
  override readonly name = 'AssentError';
  readonly code: string;
  readonly evidence: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: AssentErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.evidence = options.evidence ?? {};
  }
}
