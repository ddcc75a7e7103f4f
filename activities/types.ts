/** The activities by type: what workflows may know of them. */
import type { Envelope } from '../approval/types.ts';
import type {
  AdmitInput,
  Admitted,
  Executed,
  Notified,
  NotifyInput,
  Previewed,
  Ruling,
} from '../workflows/messages.ts';

/** Served by the worker, as local activities. */
export interface WorkerActivities {
  evaluatePolicy(input: { readonly request: Envelope }): Promise<Ruling>;
  admitDecisions(input: AdmitInput): Promise<readonly Admitted[]>;
  /** Writes this run's records; gives how many are new. */
  recordHistory(): Promise<{ readonly appended: number }>;
}

/** Served by an executor, on its own task queue. */
export interface ExecutorActivities {
  preview(input: { readonly request: Envelope }): Promise<Previewed>;
  execute(input: { readonly request: Envelope }): Promise<Executed>;
}

/** Served by the gateway, on its own task queue. */
export interface GatewayActivities {
  notify(input: NotifyInput): Promise<Notified>;
}
