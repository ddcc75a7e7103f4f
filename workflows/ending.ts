/** How a request ended. */
import type { Outcome, Resolution } from '../approval/types.ts';
import type { AgentActionResult, Closing, Executed } from './messages.ts';

/** How a request ended, before it is recorded. */
export interface Ending {
  readonly resolution: Resolution;
  readonly outcome: Outcome;
  readonly code: string;
  readonly reason: string | null;
  readonly executed: Executed | null;
  /** What the cards must be told that the book does not say. */
  readonly closing: Closing | null;
  /** What a person said of an unknown outcome. */
  readonly settlement?: AgentActionResult['settlement'];
  /** It had an end, and that has come. */
  readonly over?: true;
}
