/** The gateway's HTTP: Slack's interactions, signed statements, and whether this process is alive and ready. */
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AssentError } from '../approval/error.ts';
import { MAX_INTERACTION_BYTES, parseInteraction } from '../channels/slack/interaction.ts';
import { verifySlackSignature } from '../channels/slack/signature.ts';
import { answerError } from './http-error.ts';
import { actOn, type SlackClickDeps } from './slack-click.ts';
import { MAX_STATEMENT_BYTES, STATEMENTS_PATH, type StatementsDeps, takeStatement } from './statements.ts';

export interface AppDeps extends SlackClickDeps, StatementsDeps {
  readonly signingSecret: string;
  /** Resolves when everything that a decision needs can be reached. */
  ready(): Promise<void>;
}

export const SLACK_PATH = '/slack/interactions';

export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  app.onError((error, context) => answerError(error, context, deps.log));
  app.notFound((context) => context.json({ code: 'not_found', message: 'There is nothing here.' }, 404));
  app.get('/healthz', (context) => context.json({ status: 'alive' }));
  app.get('/readyz', async (context) => {
    await deps.ready();
    return context.json({ status: 'ready' });
  });
  app.post(SLACK_PATH, atMost(MAX_INTERACTION_BYTES), async (context) => {
    const rawBody = new Uint8Array(await context.req.arrayBuffer());
    verifySlackSignature({
      secret: deps.signingSecret,
      timestamp: context.req.header('x-slack-request-timestamp'),
      signature: context.req.header('x-slack-signature'),
      rawBody,
      now: new Date(deps.now()),
    });
    const interaction = parseInteraction(rawBody);
    if (interaction.kind === 'ignored') return context.body(null, 200);
    const answer = await actOn(interaction, deps);
    return answer === null ? context.body(null, 200) : context.json(answer);
  });
  app.all(SLACK_PATH, (context) =>
    context.json({ code: 'method_not_allowed', message: 'Slack posts here.' }, 405, { allow: 'POST' }),
  );
  app.post(STATEMENTS_PATH, atMost(MAX_STATEMENT_BYTES), async (context) => {
    const taken = await takeStatement(new Uint8Array(await context.req.arrayBuffer()), deps);
    if (taken.code === 'eligible') return context.json(taken);
    const why = taken.code.replaceAll('_', ' ');
    return context.json({ ...taken, message: `This does not count: ${why}. It is on the record.` }, 403);
  });
  app.all(STATEMENTS_PATH, (context) =>
    context.json({ code: 'method_not_allowed', message: 'Statements are posted.' }, 405, { allow: 'POST' }),
  );
  return app;
}

function atMost(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new AssentError('body_too_large', `The body is larger than ${maxSize} bytes.`);
    },
  });
}
