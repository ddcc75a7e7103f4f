/** `assent/client`: ask for a sensitive action, wait for people, get the result. */
export { AssentError } from '../approval/error.ts';
export type { JsonObject } from '../approval/types.ts';
export type { Ask, AskClaims } from './ask.ts';
export { type Asked, AssentClient } from './client.ts';
export type { AgentIdentity } from './environment.ts';
export { type CallClaims, type GuardDefaults, guard } from './guard.ts';
export type { Evidence, Outcome } from './outcome.ts';
