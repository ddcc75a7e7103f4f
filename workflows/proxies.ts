/** The activities as the workflow calls them: their time limits, retries and labels. Types only come in. */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ExecutorActivities, GatewayActivities, WorkerActivities } from '../activities/types.ts';
import { QUEUES } from './messages.ts';

/** Past this a request counts as undeliverable. */
const DELIVERY_LIMIT = '5 minutes';
/** The silence of an executor or a gateway is learned after this. */
const HEARTBEAT = '10 seconds';

// A short localRetryThreshold keeps an outage from holding the workflow task, so signals still get through.
const quick = { startToCloseTimeout: '10 seconds', localRetryThreshold: '5 seconds' } as const;

export const { evaluatePolicy } = proxyLocalActivities<WorkerActivities>({
  ...quick,
  retry: { maximumInterval: '30 seconds' },
  summary: 'what policy says',
});

export const { admitDecisions } = proxyLocalActivities<WorkerActivities>({
  ...quick,
  retry: { maximumInterval: '30 seconds' },
  summary: 'who said what',
});

// The record can be made again at any time, so its outage does not hold the workflow open.
export const { recordHistory } = proxyLocalActivities<WorkerActivities>({
  ...quick,
  retry: { maximumInterval: '5 seconds' },
  scheduleToCloseTimeout: '1 minute',
  summary: 'audit records',
});

/** Looks, read-only, and signs what it saw. */
export function previewOn(taskQueue: string, maxSeconds: number) {
  return proxyActivities<ExecutorActivities>({
    taskQueue,
    startToCloseTimeout: maxSeconds * 1000,
    // A request is fresh for five minutes; after that its preview is refused anyway.
    scheduleToCloseTimeout: '5 minutes',
    retry: { maximumInterval: '10 seconds' },
    summary: 'look, without doing it',
  }).preview;
}

const painting = {
  taskQueue: QUEUES.gateway,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: HEARTBEAT,
  retry: { maximumInterval: '30 seconds' },
  summary: 'paint the card',
} as const;

/** Until the card is out, or the request counts as undeliverable. */
export const { notify } = proxyActivities<GatewayActivities>({
  ...painting,
  scheduleToCloseTimeout: DELIVERY_LIMIT,
});

/** The same, where time has come for further people: audit/derive.ts reads an escalation off this label. */
export const { notify: notifyNext } = proxyActivities<GatewayActivities>({
  ...painting,
  scheduleToCloseTimeout: DELIVERY_LIMIT,
  summary: 'ask the next people',
});

/** The same, where nobody has answered for long: audit/derive.ts reads a reminder off this label. */
export const { notify: notifyReminding } = proxyActivities<GatewayActivities>({
  ...painting,
  scheduleToCloseTimeout: DELIVERY_LIMIT,
  summary: 'remind',
});

/** Until it is done, however long that takes: a withdrawal must stand in the book. */
export const { notify: notifyFirmly } = proxyActivities<GatewayActivities>(painting);

export const { notify: notifyBriefly } = proxyActivities<GatewayActivities>({
  ...painting,
  scheduleToCloseTimeout: '30 seconds',
});

/** One attempt: what may have run is never run again. */
export function executeOn(taskQueue: string, maxSeconds: number, waitSeconds: number) {
  return proxyActivities<ExecutorActivities>({
    taskQueue,
    startToCloseTimeout: (maxSeconds + 30) * 1000,
    scheduleToStartTimeout: waitSeconds * 1000,
    heartbeatTimeout: HEARTBEAT,
    retry: { maximumAttempts: 1 },
    // Cancelled or not, the executor knows best how it ended.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary: 'verify the grant and run',
  }).execute;
}

/** Asks the gateway where a request stands by the book; audit/derive.ts takes no delivery from this label. */
export const { notify: notifyLooking } = proxyActivities<GatewayActivities>({
  ...painting,
  scheduleToCloseTimeout: '30 seconds',
  summary: 'look where it stands',
});

/** Until what has an end has ended; the executor does the same by itself. */
export function revokeOn(taskQueue: string, maxSeconds: number) {
  return proxyActivities<ExecutorActivities>({
    taskQueue,
    startToCloseTimeout: (maxSeconds + 30) * 1000,
    heartbeatTimeout: HEARTBEAT,
    retry: { maximumInterval: '1 minute' },
    summary: 'end what was given',
  }).revoke;
}
