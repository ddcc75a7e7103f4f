/** The gateway: holds Slack's secrets and the decision key, listens to people and paints what they see. */
import { setTimeout } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { createNotify } from '../activities/notify.ts';
import { createPaint, PAINT_LOCK_MS } from '../activities/paint.ts';
import { serveHttp } from '../activities/process/http.ts';
import { type Running, running } from '../activities/process/running.ts';
import type { Temporal } from '../activities/process/temporal.ts';
import type { GatewayActivities } from '../activities/types.ts';
import type { SigningKey } from '../approval/keys.ts';
import { QUEUES } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import { createBook } from '../book/book.ts';
import { openDatabase } from '../book/database.ts';
import { createSlack } from '../channels/slack/api.ts';
import { createApp } from './app.ts';
import { createBackground } from './background.ts';
import { forwardBacklog } from './forward.ts';
import { createTending } from './tend.ts';

export interface GatewayDeps {
  readonly temporal: Temporal;
  /** The judge as of now: policy and directory are read anew without a restart. */
  judge(): HouseJudge;
  readonly key: SigningKey;
  readonly databaseUrl: string;
  readonly slack: {
    readonly token: string;
    readonly signingSecret: string;
    readonly channel: string;
    readonly apiUrl?: string;
  };
  readonly listen: { readonly port: number; readonly hostname: string };
  /** Temporal's web UI; null where cards shall have no link to it. */
  readonly temporalUi: string | null;
  readonly log: Logger;
}

export interface RunningGateway extends Running {
  readonly port: number;
}

const SLACK_TIMEOUT_MS = 10_000;
/** A paint holds a connection while it waits for Slack; so many paint at once. */
const PAINTERS = 4;
const FORWARD_MS = 1000;
const TEND_MS = 5000;
/** Most of what follows a click follows at once, and is painted by the workflow: so it gets ahead. */
const PAINT_AFTER_CLICK_MS = 400;
/** Temporal counts as away when it does not answer within this. */
const READY_MS = 2000;

export async function runGateway(deps: GatewayDeps): Promise<RunningGateway> {
  const { temporal, judge, key, databaseUrl, listen, log } = deps;
  const { client } = temporal;
  const now = () => Date.now();
  const db = openDatabase(databaseUrl);
  const lockDb = openDatabase(databaseUrl, { max: PAINTERS, idleInTransactionMs: PAINT_LOCK_MS });
  const book = createBook(db);
  const { signingSecret, channel, ...access } = deps.slack;
  const slack = createSlack({ ...access, timeoutMs: SLACK_TIMEOUT_MS });
  const temporalUi = uiLink(deps.temporalUi, temporal.namespace);
  const paint = createPaint({
    judge,
    book,
    db,
    lockBook: createBook(lockDb),
    slack,
    channel,
    temporalUi,
    log,
    now,
  });
  const background = createBackground(log);
  const tending = createTending({ judge, book, db, paint, temporalUi, log, now });
  const paintSoon = async (requestId: string) => {
    await setTimeout(PAINT_AFTER_CLICK_MS);
    return tending.one(requestId);
  };

  const activities: GatewayActivities = { notify: createNotify({ judge, book, key, client, paint, now }) };
  const worker = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue: QUEUES.gateway,
    activities: { ...activities },
    shutdownGraceTime: '15 seconds',
  });
  const ready = async () => {
    await Promise.all([
      sql`select 1`.execute(db),
      client.withDeadline(now() + READY_MS, () => client.workflowService.getSystemInfo({})),
    ]);
  };
  const app = createApp({
    judge,
    book,
    key,
    db,
    client,
    slack,
    paint: paintSoon,
    tend: tending.all,
    background,
    signingSecret,
    ready,
    log,
    now,
  });
  const served = await serveHttp(app, listen);
  background.repeat('forwarding what was left', FORWARD_MS, () => forwardBacklog({ client, db, log }));
  background.repeat('tending cards', TEND_MS, tending.all);

  const parts = running(worker, async () => {
    await served.close();
    await background.close();
    await Promise.all([db.destroy(), lockDb.destroy()]);
  });
  return { ...parts, port: served.port };
}

function uiLink(base: string | null, namespace: string): (workflowId: string) => string | null {
  if (base === null) return () => null;
  return (workflowId) =>
    new URL(`/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`, base)
      .href;
}
