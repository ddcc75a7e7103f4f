/** The gateway's HTTP: Slack's interactions, and whether this process is alive and ready. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AssentError } from '../approval/error.ts';
import { MAX_INTERACTION_BYTES, parseInteraction } from '../channels/slack/interaction.ts';
import { verifySlackSignature } from '../channels/slack/signature.ts';
import { answerError } from './http-error.ts';
import { actOn, type SlackClickDeps } from './slack-click.ts';

export interface AppDeps extends SlackClickDeps {
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
  const limit = bodyLimit({
    maxSize: MAX_INTERACTION_BYTES,
    onError: () => {
      throw new AssentError('body_too_large', `The body is larger than ${MAX_INTERACTION_BYTES} bytes.`);
    },
  });
  app.post(SLACK_PATH, limit, async (context) => {
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
  return app;
}
