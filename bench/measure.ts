/** One measured run of each shape. */

import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { AssentClient } from '../client/index.ts';
import type { Stack } from '../dev/stack.ts';
import { allowedAction, askedAction } from './actions.ts';
import { signedClick, waitingCard } from './click.ts';
import type { Moments } from './moments.ts';

/** Earlier steps are over by then, so none of them is measured too (they would wait for each other). */
const IDLE_MS = 500;

export interface Bench {
  readonly stack: Stack;
  readonly assent: AssentClient;
  readonly temporal: Client;
  readonly moments: Moments;
}

export interface Measured {
  /** When it was set off, in milliseconds since the epoch. */
  readonly from: number;
  /** To the moment at which the action began. */
  readonly began: number;
  /** To the moment at which its result was back; null where a person's click is not whom it goes back to. */
  readonly ended: number | null;
  readonly workflowId: string;
}

export async function approved(run: string, { stack, assent, moments }: Bench): Promise<Measured> {
  const asked = await assent.request({
    key: run,
    action: askedAction.name,
    input: { run },
    onBehalfOf: 'mia',
  });
  const click = signedClick(stack.slack, 'ana', await waitingCard(stack.slack, run));
  await setTimeout(IDLE_MS);
  const from = performance.now();
  const answered = fetch(`${stack.gateway}/slack/interactions`, { method: 'POST', ...click });
  const began = (await moments.of(run)) - from;
  const { status } = await answered;
  if (status !== 200) throw new Error(`the gateway answered ${status}`);
  const { outcome } = await assent.wait(asked);
  if (outcome !== 'succeeded') throw new Error(`${run} ended as ${outcome}`);
  return { from: wall(from), began, ended: null, workflowId: asked.requestId };
}

export async function bareApproved(run: string, { temporal, moments }: Bench): Promise<Measured> {
  const handle = await temporal.workflow.start('waitThenActivity', {
    taskQueue: 'bare',
    workflowId: run,
    args: [run],
  });
  await setTimeout(IDLE_MS);
  const from = performance.now();
  const signalled = handle.signal('approve');
  const began = (await moments.of(run)) - from;
  await signalled;
  await handle.result();
  return { from: wall(from), began, ended: null, workflowId: run };
}

export async function allowed(run: string, { assent, moments }: Bench): Promise<Measured> {
  const from = performance.now();
  const ended = assent.request({ key: run, action: allowedAction.name, input: { run }, onBehalfOf: 'mia' });
  const began = (await moments.of(run)) - from;
  const asked = await ended;
  const { outcome } = await assent.wait(asked);
  const total = performance.now() - from;
  if (outcome !== 'succeeded') throw new Error(`${run} ended as ${outcome}`);
  return { from: wall(from), began, ended: total, workflowId: asked.requestId };
}

export async function bareAllowed(run: string, { temporal, moments }: Bench): Promise<Measured> {
  const from = performance.now();
  const started = temporal.workflow.start('oneActivity', { taskQueue: 'bare', workflowId: run, args: [run] });
  const began = (await moments.of(run)) - from;
  await (await started).result();
  return { from: wall(from), began, ended: performance.now() - from, workflowId: run };
}

function wall(moment: number): number {
  return performance.timeOrigin + moment;
}
