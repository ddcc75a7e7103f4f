/**
 * A stricter Slack without a page: emulate's, in this process. It keeps message metadata, checks scopes and
 * trigger ids, and pages history; it sends no interactions, so it is the peer for what the app says to Slack.
 */
import { createEmulator } from 'emulate';
import { z } from 'zod';
import { freePort } from '../port.ts';
import type { Person } from './local-slack.ts';

export interface EmulatedSlack {
  /** Base of the Web API with a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly teamId: string;
  readonly channelId: string;
  readonly userIds: Readonly<Record<string, string>>;
  /** A fresh trigger id, as if the person had just clicked. */
  triggerId(person: string): Promise<string>;
  stop(): Promise<void>;
}

/** The bot scopes of the app's manifest; a call that needs another one is refused with `missing_scope`. */
const defaultScopes = [
  'chat:write',
  'channels:read',
  'channels:history',
  'groups:read',
  'groups:history',
  'im:write',
  'users:read',
];

export async function startEmulatedSlack(
  people: readonly Person[],
  scopes: readonly string[] = defaultScopes,
): Promise<EmulatedSlack> {
  const token = 'xoxb-emulated';
  const port = await freePort();
  const emulator = await createEmulator({
    service: 'slack',
    port,
    seed: {
      slack: {
        team: { name: 'Assent', domain: 'assent-dev' },
        users: people.map(({ handle, name }) => ({ name: handle, real_name: name })),
        channels: [{ name: 'approvals' }],
        bots: [{ name: 'assent' }],
        tokens: [{ token, type: 'bot', user: 'admin', scopes: [...scopes] }],
        strict_scopes: true,
      },
    },
  });
  const url = `http://127.0.0.1:${port}/api/`;
  const call = async (method: string, body: Record<string, unknown> = {}): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return await (await fetch(url + method, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const { team_id } = z.object({ team_id: z.string() }).parse(await call('auth.test'));
  const { members } = membersSchema.parse(await call('users.list'));
  const { channels } = channelsSchema.parse(await call('conversations.list'));
  const channelId = channels.find(({ name }) => name === 'approvals')?.id ?? '';
  const userIds = Object.fromEntries(members.map(({ name, id }) => [name, id]));
  return {
    url,
    token,
    teamId: team_id,
    channelId,
    userIds,
    triggerId: async (person) =>
      z
        .object({ trigger_id: z.string() })
        .parse(await call('views.generateTriggerId', { user: userIds[person] })).trigger_id,
    stop: () => emulator.close(),
  };
}

const membersSchema = z.object({ members: z.array(z.object({ id: z.string(), name: z.string() })) });
const channelsSchema = z.object({ channels: z.array(z.object({ id: z.string(), name: z.string() })) });
