/**
 * The Slack room against two Slacks: emulate, which keeps metadata and checks scopes, behind a proxy that has bad
 * days; and the local Slack, whose people click and submit.
 */
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { checkAccount } from '../../channels/slack/accounts.ts';
import { createSlack, type Slack } from '../../channels/slack/api.ts';
import { renderCard } from '../../channels/slack/card.ts';
import { referenceOf } from '../../channels/slack/card-buttons.ts';
import { BUTTONS } from '../../channels/slack/card-reference.ts';
import { checkChannel } from '../../channels/slack/channel-check.ts';
import { denyModal } from '../../channels/slack/forms.ts';
import { type Interaction, parseInteraction } from '../../channels/slack/interaction.ts';
import {
  adoptOrPost,
  findPosted,
  openDirect,
  type Post,
  postMessage,
  updateMessage,
  whisper,
} from '../../channels/slack/messages.ts';
import { reviewModal } from '../../channels/slack/modals.ts';
import { renderOutcome } from '../../channels/slack/outcome.ts';
import { verifySlackSignature } from '../../channels/slack/signature.ts';
import { faultInForm } from '../../channels/slack/submission.ts';
import { renderThread } from '../../channels/slack/thread.ts';
import { openView } from '../../channels/slack/views.ts';
import { freePort } from '../../dev/port.ts';
import { type SlackBridge, startSlackBridge } from '../../dev/slack/bridge.ts';
import { cardInput, contentOf } from '../../dev/slack/card-scene.ts';
import { exportScene, stateScenes } from '../../dev/slack/card-scenes.ts';
import { type EmulatedSlack, startEmulatedSlack } from '../../dev/slack/emulate.ts';
import { type FaultProxy, startFaultProxy } from '../../dev/slack/fault-proxy.ts';
import { type LocalSlack, startLocalSlack } from '../../dev/slack/local-slack.ts';

const people = [
  { handle: 'dana', name: 'Dana Okafor' },
  { handle: 'maya', name: 'Maya Iwu' },
];
const manifest = z
  .object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) })
  .parse(JSON.parse(await readFile(new URL('../../channels/slack/manifest.json', import.meta.url), 'utf8')));
const pending = cardInput(stateScenes.pending);
const { request_id } = pending.about;
const pendingContent = contentOf(pending);

async function failing(work: Promise<unknown>): Promise<AssentError> {
  const error: unknown = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof AssentError) return error;
  throw error;
}

describe('emulate, behind a proxy that has bad days', () => {
  let emulated: EmulatedSlack;
  let proxy: FaultProxy;
  let slack: Slack;
  let before: Date;
  const post = (key: string, thread_ts?: string): Post => ({
    channel: emulated.channelId,
    ...renderCard(pending),
    ...(thread_ts === undefined ? {} : { thread_ts }),
    key: { request_id, key },
  });
  const said = async (key: string) =>
    (await slack.web.conversations.history({ channel: emulated.channelId, limit: 999 })).messages?.filter(
      ({ metadata }) => JSON.stringify(metadata ?? {}).includes(`"${key}"`),
    ) ?? [];

  beforeAll(async () => {
    emulated = await startEmulatedSlack(people, manifest.oauth_config.scopes.bot);
    proxy = await startFaultProxy(emulated.url);
    slack = createSlack({ token: emulated.token, apiUrl: proxy.url, timeoutMs: 1000 });
    before = new Date(Date.now() - 60_000);
  });
  beforeEach(() => proxy.faults.clear());
  afterAll(async () => {
    await proxy?.stop();
    await emulated?.stop();
  });

  test('a post bears ids alone in its metadata', async () => {
    await postMessage(slack, post('ids'));
    const [message] = await said('ids');
    expect(message?.metadata).toEqual({
      event_type: 'assent_message',
      event_payload: { request_id, key: 'ids' },
    });
  });

  test('a post whose answer was lost is found again, not repeated', async () => {
    proxy.faults.next('chat.postMessage', { kind: 'lost_response' });
    expect((await failing(postMessage(slack, post('lost')))).code).toBe('slack_unavailable');
    const adopted = await adoptOrPost(slack, post('lost'), before);
    expect((await said('lost')).map(({ ts }) => ts)).toEqual([adopted.ts]);
  });

  test('a post that came too late to be waited for is found again', async () => {
    proxy.faults.next('chat.postMessage', { kind: 'slow', ms: 1500 });
    expect((await failing(postMessage(slack, post('slow')))).code).toBe('slack_unavailable');
    await adoptOrPost(slack, post('slow'), before);
    expect(await said('slow')).toHaveLength(1);
  });

  test('a thread reply is found in its thread, and only under its own key', async () => {
    const card = await postMessage(slack, post('card'));
    const reply = await postMessage(slack, post('vote', card.ts));
    const at = { channel: card.channel, thread_ts: card.ts };
    expect(await findPosted(slack, { ...at, key: { request_id, key: 'vote' } }, before)).toEqual(reply);
    expect(await findPosted(slack, { ...at, key: { request_id, key: 'other' } }, before)).toBeNull();
    expect(await findPosted(slack, { ...at, key: { request_id: 'other', key: 'vote' } }, before)).toBeNull();
  });

  test('is found on a later page', async () => {
    const first = await postMessage(slack, post('paged'));
    for (let count = 0; count < 205; count++) {
      await slack.web.chat.postMessage({ channel: emulated.channelId, text: `noise ${count}` });
    }
    expect(await findPosted(slack, post('paged'), before)).toEqual(first);
  });

  test("another app's message under our key is not taken for ours", async () => {
    const theirs = {
      channel: 'approvals',
      text: 'a card',
      metadata: { event_type: 'assent_message', event_payload: { request_id, key: 'theirs' } },
    };
    await fetch(new URL('/services/T000000001/B000000001/X000000001', emulated.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(theirs),
    });
    expect(await said('theirs')).toHaveLength(1);
    expect(await findPosted(slack, post('theirs'), before)).toBeNull();
    const own = await adoptOrPost(slack, post('theirs'), before);
    expect(await findPosted(slack, post('theirs'), before)).toEqual(own);
  });

  test('only one call is made for one try', async () => {
    proxy.faults.next('chat.postMessage', { kind: 'http', status: 500 });
    const calls = proxy.calls.length;
    expect((await failing(postMessage(slack, post('once')))).code).toBe('slack_unavailable');
    expect(proxy.calls.slice(calls)).toEqual(['chat.postMessage']);
  });

  test('a rate limit says how long to wait', async () => {
    proxy.faults.next('chat.update', { kind: 'rate_limited', retryAfterSeconds: 7 });
    const update = { channel: emulated.channelId, ts: '1.1', text: 'x', blocks: [] };
    const { code, evidence } = await failing(updateMessage(slack, update));
    expect({ code, evidence }).toMatchObject({
      code: 'slack_rate_limited',
      evidence: { retryAfterSeconds: 7 },
    });
  });

  test.each([
    ['channel_not_found', 'slack_refused', '/invite @'],
    ['not_in_channel', 'slack_refused', '/invite @'],
    ['invalid_blocks', 'slack_refused', 'fault of Assent'],
    ['token_revoked', 'slack_refused', 'install the app again'],
    ['missing_scope', 'slack_refused', 'manifest.json'],
    ['internal_error', 'slack_unavailable', 'just now'],
    ['ratelimited', 'slack_rate_limited', 'again in'],
  ])('%s is %s and says what to do', async (error, code, cure) => {
    proxy.faults.next('chat.postMessage', { kind: 'refused', error });
    const thrown = await failing(postMessage(slack, post('refused')));
    expect(thrown.code).toBe(code);
    expect(thrown.message).toContain(cure);
  });

  test('a direct message goes to the person, and is found there again', async () => {
    const channel = await openDirect(slack, emulated.userIds.maya ?? '');
    const outcome = renderOutcome(cardInput(stateScenes.denied));
    const message = { channel, text: outcome?.text ?? '', key: { request_id, key: outcome?.key ?? '' } };
    const sent = await adoptOrPost(slack, message, before);
    expect(await adoptOrPost(slack, message, before)).toEqual(sent);
  });

  test('a modal opens once for one click', async () => {
    const card = referenceOf(pending);
    const view = denyModal(pendingContent, { card, channel: emulated.channelId, message_ts: '1.1' });
    const trigger = await emulated.triggerId('dana');
    await openView(slack, trigger, view);
    expect((await failing(openView(slack, trigger, view))).message).toContain('click again');
  });

  describe('a channel', () => {
    const unshared = { is_ext_shared: false, is_pending_ext_shared: false };
    test.each([
      ['shared with others', { ...unshared, is_ext_shared: true }, 'channel_shared'],
      ['about to be shared', { ...unshared, is_pending_ext_shared: true }, 'channel_shared'],
      ['archived', { ...unshared, is_archived: true }, 'channel_archived'],
      ['without us', { ...unshared, is_member: false }, 'channel_not_joined'],
      ['that does not say whether it is shared', {}, 'slack_malformed'],
    ])('%s is refused', async (_, flags, code) => {
      proxy.faults.channel(emulated.channelId, flags);
      expect((await failing(checkChannel(slack, emulated.channelId))).code).toBe(code);
    });
    test('of our own is taken', async () => {
      proxy.faults.channel(emulated.channelId, unshared);
      expect(await checkChannel(slack, emulated.channelId)).toEqual({ name: 'approvals' });
    });
    test('that nobody knows is refused with the cure', async () => {
      expect((await failing(checkChannel(slack, 'C0NOWHERE'))).message).toContain('/invite @');
    });
  });

  describe('an account', () => {
    const full = { is_restricted: false, is_ultra_restricted: false };
    const check = (team = emulated.teamId) =>
      checkAccount(slack, { team, user: emulated.userIds.dana ?? '' }, { timeoutMs: 500 });
    test.each([
      ['a full member', full, 'account_active'],
      ['deactivated', { deleted: true }, 'account_deactivated'],
      ['a bot', { ...full, is_bot: true }, 'account_bot'],
      ['a workflow', { ...full, is_workflow_bot: true }, 'account_bot'],
      ['a guest', { ...full, is_restricted: true }, 'account_guest'],
      ['a guest of one channel', { ...full, is_ultra_restricted: true }, 'account_guest'],
      ['a stranger', { ...full, is_stranger: true }, 'account_stranger'],
      ['of another workspace', { ...full, team_id: 'T0OTHER' }, 'account_foreign_team'],
    ])('%s', async (_, flags, code) => {
      proxy.faults.user(emulated.userIds.dana ?? '', flags);
      expect(await check()).toBe(code);
    });
    test('that claims another team than its own', async () => {
      proxy.faults.user(emulated.userIds.dana ?? '', full);
      expect(await check('T0OTHER')).toBe('account_foreign_team');
    });
    test.each([
      ['whose flags are missing', {}, 'slack_malformed'],
      ['whose flags are no flags', { ...full, is_restricted: 'no' }, 'slack_malformed'],
    ])('%s cannot decide', async (_, flags, code) => {
      proxy.faults.user(emulated.userIds.dana ?? '', flags);
      expect((await failing(check())).code).toBe(code);
    });
    test('that Slack does not tell of in time cannot decide', async () => {
      proxy.faults.user(emulated.userIds.dana ?? '', full);
      proxy.faults.next('users.info', { kind: 'slow', ms: 900 });
      expect((await failing(check())).code).toBe('account_unchecked');
    });
    test('that Slack does not know cannot decide', async () => {
      const unknown = checkAccount(slack, { team: emulated.teamId, user: 'U0NOBODY' }, { timeoutMs: 500 });
      expect((await failing(unknown)).code).toBe('slack_refused');
    });
  });
});

describe('the manifest', () => {
  const asked = manifest.oauth_config.scopes.bot;
  test('asks for the scopes that the calls of this room need, and no others', () => {
    const read = ['channels', 'groups'].flatMap((kind) => [`${kind}:history`, `${kind}:read`]);
    expect(asked).toEqual(['chat:write', 'im:history', 'im:write', 'users:read', ...read].sort());
  });

  // The peer needs users:read and channels:read to start, and its channel is public: no groups there.
  test.each(['chat:write', 'channels:history', 'im:history', 'im:write'])(
    'could not do without %s',
    async (scope) => {
      const emulated = await startEmulatedSlack(
        people,
        asked.filter((other) => other !== scope),
      );
      const slack = createSlack({ token: emulated.token, apiUrl: emulated.url, timeoutMs: 1000 });
      const key = { request_id, key: 'scope' };
      const everything = async () => {
        await adoptOrPost(slack, { channel: emulated.channelId, text: 'x', key }, new Date(0));
        const channel = await openDirect(slack, emulated.userIds.dana ?? '');
        await adoptOrPost(slack, { channel, text: 'x', key }, new Date(0));
      };
      try {
        expect((await failing(everything())).evidence).toMatchObject({ error: 'missing_scope' });
      } finally {
        await emulated.stop();
      }
    },
  );
});

describe('the local Slack', () => {
  let local: LocalSlack;
  let bridge: SlackBridge;
  let slack: Slack;
  const directory = join(tmpdir(), `assent-slack-${process.pid}`);
  const heard: Interaction[] = [];
  /** What a gateway does at the least: verify, read, open the modal or refuse the reason. */
  const gateway = createServer(async (request, response) => {
    const rawBody = Buffer.concat(await request.toArray());
    const header = (name: string) => z.string().optional().parse(request.headers[name]);
    try {
      verifySlackSignature({
        secret: local.signingSecret,
        timestamp: header('x-slack-request-timestamp'),
        signature: header('x-slack-signature'),
        rawBody,
        now: new Date(),
      });
      const interaction = parseInteraction(rawBody);
      heard.push(interaction);
      if (interaction.kind === 'deny')
        await openView(slack, interaction.trigger_id, denyModal(pendingContent, interaction));
      if (interaction.kind === 'review')
        await openView(slack, interaction.trigger_id, reviewModal(pendingContent, interaction));
      response.end();
    } catch (error) {
      const inForm = faultInForm(error);
      if (inForm === null) return response.writeHead(500).end(String(error));
      response.setHeader('content-type', 'application/json').end(JSON.stringify(inForm));
    }
    return response;
  });

  beforeAll(async () => {
    const port = await freePort();
    gateway.listen(port, '127.0.0.1');
    await once(gateway, 'listening');
    local = await startLocalSlack({
      people,
      interactivityUrl: `http://127.0.0.1:${port}/`,
      directory,
      logFile: join(directory, 'slack.log'),
    });
    bridge = await startSlackBridge(local.url);
    slack = createSlack({ token: local.token, apiUrl: bridge.url, timeoutMs: 3000 });
  });
  afterAll(async () => {
    await bridge?.stop();
    await local?.stop();
    gateway.close();
    gateway.closeAllConnections();
    await rm(directory, { recursive: true, force: true });
  });

  const postCard = () =>
    postMessage(slack, {
      channel: local.channelId,
      ...renderCard(pending),
      key: { request_id, key: 'card' },
    });
  const stored = async (ts: string) => (await local.messages()).find((message) => message.ts === ts);
  const place = (ts: string) => ({
    account: { team: local.teamId, user: local.userIds.dana },
    card: referenceOf(pending),
    channel: local.channelId,
    message_ts: ts,
  });

  test('channel and accounts pass', async () => {
    expect(await checkChannel(slack, local.channelId)).toEqual({ name: 'approvals' });
    const account = { team: local.teamId, user: local.userIds.dana ?? '' };
    expect(await checkAccount(slack, account, { timeoutMs: 2000 })).toBe('account_active');
  });

  test('a click on Approve says who, and on exactly which card', async () => {
    const { ts } = await postCard();
    await local.interact({ person: 'dana', message: ts, actionId: BUTTONS.approve });
    expect(heard.at(-1)).toMatchObject({ kind: 'approve', ...place(ts) });
  });

  test('Deny asks for a reason until there is one', async () => {
    const { ts } = await postCard();
    await local.interact({ person: 'dana', message: ts, actionId: BUTTONS.deny });
    expect(await local.modal()).toMatchObject({ callback_id: 'assent.deny' });
    expect(await local.submit('dana', { reason: { reason: '  ' } })).toEqual({
      kind: 'errors',
      errors: { reason: 'This needs a reason: say why.' },
    });
    expect(await local.submit('dana', { reason: { reason: 'too many rows' } })).toEqual({ kind: 'closed' });
    expect(heard.at(-1)).toEqual({ kind: 'deny_submitted', ...place(ts), reason: 'too many rows' });
  });

  test('a review is submitted as an approval', async () => {
    const { ts } = await postCard();
    const button = { blockId: 'b', value: JSON.stringify(place(ts).card) };
    await local.interact({ person: 'dana', message: ts, actionId: BUTTONS.review, button });
    expect(await local.submit('dana', {})).toEqual({ kind: 'closed' });
    expect(heard.at(-1)).toEqual({ kind: 'approve_submitted', reason: null, typed: null, ...place(ts) });
  });

  test('an update takes the buttons away, and every block gets a new id', async () => {
    const { channel, ts } = await postCard();
    const before = await stored(ts);
    await updateMessage(slack, { channel, ts, ...renderCard(cardInput(stateScenes.denied)) });
    const after = await stored(ts);
    expect(before?.blocks?.some(({ type }) => type === 'actions')).toBe(true);
    expect(after?.blocks?.some(({ type }) => type === 'actions')).toBe(false);
    const ids = new Set(before?.blocks?.map(({ block_id }) => block_id));
    expect(after?.blocks?.filter(({ block_id }) => ids.has(block_id))).toEqual([]);
  });

  test('the thread, a private answer and the outcome arrive where they should', async () => {
    const { channel, ts } = await postCard();
    const input = cardInput(stateScenes.denied);
    for (const { key, text, blocks } of renderThread(input)) {
      await postMessage(slack, { channel, thread_ts: ts, text, blocks, key: { request_id, key } });
    }
    await whisper(slack, { channel, user: local.userIds.maya ?? '', text: 'not counted' });
    const direct = await openDirect(slack, local.userIds.maya ?? '');
    const outcome = renderOutcome(input);
    await postMessage(slack, {
      channel: direct,
      text: outcome?.text ?? '',
      key: { request_id, key: 'outcome' },
    });
    const all = await local.messages();
    expect(all.filter(({ thread_ts, ts: own }) => thread_ts === ts && own !== ts)).toHaveLength(2);
    expect(all.at(-1)).toMatchObject({ subtype: 'ephemeral', ephemeral_to: local.userIds.maya });
    expect((await local.messages(direct)).at(-1)?.text).toContain('Denied');
  });

  test('what people type in the channel is let pass', async () => {
    await local.say('dana', 'looks fine to me');
    await local.until(() => (heard.at(-1)?.kind === 'ignored' ? true : undefined));
    expect(heard.at(-1)).toEqual({ kind: 'ignored', type: 'event_callback' });
  });

  test('the page shows no block that it does not know', async () => {
    const { ts } = await postCard();
    const types = new Set((await stored(ts))?.blocks?.map(({ type }) => type));
    expect([...types].sort()).toEqual(['actions', 'context', 'divider', 'header', 'section']);
    expect(JSON.stringify(await stored(ts))).not.toContain('<!date');
    expect(JSON.stringify(await stored(ts))).toContain(exportScene.presentation.title);
  });
});
