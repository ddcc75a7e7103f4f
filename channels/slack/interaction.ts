/** What a person did in Slack, read from a body whose signature was verified. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { BUTTONS, buttonValue, type CardPlace, channelId, messageTs } from './card-reference.ts';
import { malformed, read, readAccount, type SlackAccount, unknown } from './payload.ts';
import { readForm, type Submitted } from './submission.ts';

/** Slack repeats the whole message in a click; 50 full blocks and a modal stay well below this. */
export const MAX_INTERACTION_BYTES = 1024 * 1024;

/** What a person did, and on which card. */
export interface Acted extends CardPlace {
  readonly account: SlackAccount;
}

/**
 * What each button wants. Approve decides by itself, unless the rule asks for more than a click; the others open a
 * modal.
 */
export type Clicked = keyof typeof BUTTONS;

export type Interaction =
  | (Acted & {
      readonly kind: Clicked;
      /** Opens one modal, within 3 s. */
      readonly trigger_id: string;
      /** Answers the person alone: 5 uses in 30 minutes. */
      readonly response_url: string;
    })
  /** A modal was submitted. */
  | (Acted & Submitted)
  /** Something that Slack says and nobody asked: an event, a modal that was closed. Answer 200. */
  | { readonly kind: 'ignored'; readonly type: string };

const blockActions = z.object({
  container: z.object({ type: z.literal('message'), message_ts: messageTs, channel_id: channelId }),
  trigger_id: z.string().min(1),
  response_url: z.url({ protocol: /^https?$/ }),
  actions: z.tuple([z.object({ action_id: z.string(), value: z.string().nullish() })]),
});

/**
 * @param rawBody `application/x-www-form-urlencoded` with the one field `payload`, or an event's JSON.
 * @throws AssentError `interaction_too_large`, `interaction_malformed`, `interaction_no_team`,
 *   `interaction_unknown`, and those of {@link readForm}
 */
export function parseInteraction(rawBody: Uint8Array): Interaction {
  const payload = readPayload(rawBody);
  const { type } = read(z.object({ type: z.string() }), payload);
  switch (type) {
    case 'block_actions':
      return readClick(payload);
    case 'view_submission':
      return readSubmission(payload);
    case 'view_closed':
    case 'event_callback':
      return { kind: 'ignored', type };
    default:
      throw unknown(`an interaction of type ${JSON.stringify(type)}`);
  }
}

function readPayload(rawBody: Uint8Array): unknown {
  if (rawBody.byteLength > MAX_INTERACTION_BYTES) {
    throw new AssentError(
      'interaction_too_large',
      `The body has ${rawBody.byteLength} bytes; at most ${MAX_INTERACTION_BYTES} are taken.`,
    );
  }
  try {
    const body = new TextDecoder('utf-8', { fatal: true }).decode(rawBody);
    if (body.startsWith('{')) return JSON.parse(body);
    const [payload, ...more] = new URLSearchParams(body).getAll('payload');
    if (payload === undefined || more.length > 0)
      throw new Error('there must be exactly one field `payload`');
    return JSON.parse(payload);
  } catch (cause) {
    throw malformed('The body is not a form whose field `payload` holds JSON', cause);
  }
}

function readClick(payload: unknown): Interaction {
  const { account } = readAccount(payload);
  const { container, trigger_id, response_url, actions } = read(blockActions, payload);
  const [{ action_id, value }] = actions;
  const kind = kindOfButton(action_id);
  const card = read(buttonValue, value);
  return {
    kind,
    account,
    card,
    channel: container.channel_id,
    message_ts: container.message_ts,
    trigger_id,
    response_url,
  };
}

function readSubmission(payload: unknown): Interaction {
  const { account, team } = readAccount(payload);
  return { account, ...readForm(payload, team) };
}

function kindOfButton(actionId: string): Clicked {
  const kind = kinds.find((one) => BUTTONS[one] === actionId);
  if (kind === undefined) throw unknown(`a button ${JSON.stringify(actionId)}`);
  return kind;
}

const kinds = ['approve', 'deny', 'defer', 'details', 'review', 'settle', 'revoke', 'review_glass'] as const;
