/** The fault proxy in front of emulate's Slack. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type EmulatedSlack, startEmulatedSlack } from '../../dev/slack/emulate.ts';
import { type FaultProxy, startFaultProxy } from '../../dev/slack/fault-proxy.ts';

let slack: EmulatedSlack;
let proxy: FaultProxy;

beforeAll(async () => {
  slack = await startEmulatedSlack([{ handle: 'ada', name: 'Ada Almeida' }]);
  proxy = await startFaultProxy(slack.url);
});

afterAll(async () => {
  await proxy.stop();
  await slack.stop();
});

beforeEach(() => proxy.faults.clear());

async function call(method: string, body: Record<string, unknown>) {
  const headers = { authorization: `Bearer ${slack.token}`, 'content-type': 'application/json' };
  return await fetch(proxy.url + method, { method: 'POST', headers, body: JSON.stringify(body) });
}

const post = (text: string) => call('chat.postMessage', { channel: slack.channelId, text });

async function texts(): Promise<unknown> {
  const history = await (await call('conversations.history', { channel: slack.channelId })).json();
  return z
    .object({ messages: z.array(z.object({ text: z.string() })) })
    .parse(history)
    .messages.map(({ text }) => text);
}

test('without a fault, calls go through as they are', async () => {
  const metadata = { event_type: 'assent_request', event_payload: { request_id: 'r1' } };
  const sent = await call('chat.postMessage', { channel: slack.channelId, text: 'plain', metadata });
  expect(await sent.json()).toMatchObject({ ok: true });
  const history = { channel: slack.channelId, include_all_metadata: true };
  expect(await (await call('conversations.history', history)).json()).toMatchObject({
    messages: [{ text: 'plain', metadata }],
  });
});

test('429, 500 and a refusal never reach Slack, each meets one call, in order', async () => {
  proxy.faults.next('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 7 });
  proxy.faults.next('chat.postMessage', { kind: 'http', status: 500 });
  proxy.faults.next('chat.postMessage', { kind: 'refused', error: 'not_in_channel' });
  const limited = await post('one');
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await post('two')).status).toBe(500);
  expect(await (await post('three')).json()).toEqual({ ok: false, error: 'not_in_channel' });
  expect(await (await post('four')).json()).toMatchObject({ ok: true });
  expect(await texts()).toEqual(['four', 'plain']);
});

test('a lost response was done all the same', async () => {
  proxy.faults.next('chat.postMessage', { kind: 'lost_response' });
  await expect(post('lost')).rejects.toThrow('fetch failed');
  expect(await texts()).toContain('lost');
});

test('a slow answer comes late', async () => {
  proxy.faults.next('chat.postMessage', { kind: 'slow', ms: 200 });
  const asked = performance.now();
  expect(await (await post('slow')).json()).toMatchObject({ ok: true });
  expect(performance.now() - asked).toBeGreaterThan(190);
});

test('flags of people and channels lie on top of what Slack says', async () => {
  const ada = slack.userIds.ada ?? '';
  proxy.faults.user(ada, { is_restricted: true, team_id: 'T0ELSEWHERE' });
  proxy.faults.channel(slack.channelId, { is_ext_shared: true });
  expect(await (await call('users.info', { user: ada })).json()).toMatchObject({
    ok: true,
    user: { id: ada, name: 'ada', is_restricted: true, team_id: 'T0ELSEWHERE' },
  });
  expect(await (await call('conversations.info', { channel: slack.channelId })).json()).toMatchObject({
    channel: { name: 'approvals', is_ext_shared: true },
  });
  proxy.faults.clear();
  expect(await (await call('users.info', { user: ada })).json()).not.toHaveProperty('user.is_restricted');
});

test('emulate refuses a call beyond the scopes, and a made-up trigger id', async () => {
  expect(await (await call('reactions.add', { channel: slack.channelId })).json()).toMatchObject({
    ok: false,
    error: 'missing_scope',
  });
  const view = { type: 'modal', title: { type: 'plain_text', text: 'Deny' }, blocks: [] };
  expect(await (await call('views.open', { trigger_id: '1.2.made-up', view })).json()).toMatchObject({
    ok: false,
  });
  const real = await slack.triggerId('ada');
  expect(await (await call('views.open', { trigger_id: real, view })).json()).toMatchObject({ ok: true });
});

test('every call is counted', async () => {
  const before = proxy.calls.length;
  proxy.faults.next('auth.test', { kind: 'http', status: 503 });
  await call('auth.test', {});
  await call('auth.test', {});
  expect(proxy.calls.slice(before)).toEqual(['auth.test', 'auth.test']);
});
