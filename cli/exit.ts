/** Exit codes, and the one place where an error becomes one. */
import { AssentError } from '../client/vocabulary.ts';

/** 0 done, 1 a negative answer, 2 wrong use, unreadable file or unknown id, 3 a part that it needs can't be reached. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Everything else that Assent refuses is refused because of how it was asked: 2. */
const CODES: ReadonlyMap<string, ExitCode> = new Map([
  ['policy_invalid', 1],
  ['directory_invalid', 1],
  ['result_unverified', 1],
  ['workflow_failed', 1],
  ['request_ended', 1],
  ['book_unreadable', 1],
  ['book_statement_invalid', 1],
  ['not_confirmed', 1],
  ['temporal_unreachable', 3],
  ['temporal_refused', 3],
  ['gateway_unreachable', 3],
  ['gateway_unready', 3],
  ['database_unreachable', 3],
  ['database_timeout', 3],
  ['database_refused', 3],
]);

export interface Failure {
  readonly exit: ExitCode;
  /** What `--json` writes to standard error. */
  readonly document: {
    readonly code: string;
    readonly message: string;
    readonly evidence?: Readonly<Record<string, unknown>>;
  };
}

export function failureOf(error: unknown): Failure {
  if (error instanceof AssentError) {
    const { code, message, evidence } = error;
    const told = Object.keys(evidence).length === 0 ? {} : { evidence };
    return { exit: CODES.get(code) ?? 2, document: { code, message, ...told } };
  }
  // A fault of Assent's own: the stack is all there is to find it by.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exit: 1, document: { code: 'internal_error', message } };
}
