/** What the worker runs. */
export { agentAction } from './agent-action.ts';
