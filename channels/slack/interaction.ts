/**
 * What a person did in Slack, read from a body whose signature was verified: lenient on what Slack adds, strict
 * on what is read.
 */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import {
  BUTTONS,
  buttonValue,
  type CardPlace,
  channelId,
  MODALS,
  messageTs,
  privateMetadata,
  REASON_INPUT,
} from './card-reference.ts';

/** Slack repeats the whole message in a click; 50 full blocks and a modal stay well below this. */
export const MAX_INTERACTION_BYTES = 1024 * 1024;
/** The longest reason that a person may give, in UTF-16 units. */
export const MAX_REASON = 1000;

/** Who clicked, from the signed payload: Slack's ids, never names. */
export interface SlackAccount {
  readonly team: string;
  readonly user: string;
}

interface Acted extends CardPlace {
  readonly account: SlackAccount;
}

export type Interaction =
  | (Acted & {
      readonly kind: 'approve' | 'deny' | 'details' | 'review';
      /** Opens one modal, within 3 s. */
      readonly trigger_id: string;
      /** Answers the person alone: 5 uses in 30 minutes. */
      readonly response_url: string;
    })
  /** The modal that asks for a denial's reason was submitted. */
  | (Acted & { readonly kind: 'deny_submitted'; readonly reason: string })
  /** The modal that shows the whole of a long action was submitted. */
  | (Acted & { readonly kind: 'approve_submitted' })
  /** Something that Slack says and nobody asked: an event, a modal that was closed. Answer 200. */
  | { readonly kind: 'ignored'; readonly type: string };

const teamId = z.string().regex(/^[TE][A-Z0-9]{1,30}$/);
const userId = z.string().regex(/^[UW][A-Z0-9]{1,30}$/);

const account = z
  .object({
    team: z.object({ id: teamId }).nullish(),
    user: z.object({ id: userId, team_id: teamId.nullish() }),
  })
  .loose();

const blockActions = z.object({
  container: z.object({ type: z.literal('message'), message_ts: messageTs, channel_id: channelId }),
  trigger_id: z.string().min(1),
  response_url: z.url({ protocol: /^https?$/ }),
  actions: z.tuple([z.object({ action_id: z.string(), value: z.string().nullish() })]),
});

const viewSubmission = z.object({
  view: z.object({ callback_id: z.string(), private_metadata: z.string(), state: z.unknown().optional() }),
});

const reasonState = z.object({
  values: z.object({
    [REASON_INPUT.block]: z.object({
      [REASON_INPUT.action]: z.object({ value: z.string().nullish() }),
    }),
  }),
});

/**
 * @param rawBody `application/x-www-form-urlencoded` with the one field `payload`, or an event's JSON.
 * @throws AssentError `interaction_too_large`, `interaction_malformed`, `interaction_no_team`,
 *   `interaction_unknown`, `reason_missing`, `reason_too_long`
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
  const acted = readAccount(payload);
  const { container, trigger_id, response_url, actions } = read(blockActions, payload);
  const [{ action_id, value }] = actions;
  const kind = kindOfButton(action_id);
  const card = read(buttonValue, value);
  return {
    kind,
    account: acted,
    card,
    channel: container.channel_id,
    message_ts: container.message_ts,
    trigger_id,
    response_url,
  };
}

function kindOfButton(actionId: string): 'approve' | 'deny' | 'details' | 'review' {
  switch (actionId) {
    case BUTTONS.approve:
      return 'approve';
    case BUTTONS.deny:
      return 'deny';
    case BUTTONS.details:
      return 'details';
    case BUTTONS.review:
      return 'review';
    default:
      throw unknown(`a button ${JSON.stringify(actionId)}`);
  }
}

function readSubmission(payload: unknown): Interaction {
  const acted = readAccount(payload);
  const { view } = read(viewSubmission, payload);
  if (view.callback_id !== MODALS.deny && view.callback_id !== MODALS.review) {
    throw unknown(`a modal ${JSON.stringify(view.callback_id)}`);
  }
  const place = read(privateMetadata, view.private_metadata);
  if (view.callback_id === MODALS.review) return { kind: 'approve_submitted', account: acted, ...place };
  return { kind: 'deny_submitted', account: acted, ...place, reason: readReason(view.state) };
}

function readReason(state: unknown): string {
  const { values } = read(reasonState, state);
  const reason = values[REASON_INPUT.block][REASON_INPUT.action].value?.trim() ?? '';
  if (reason === '') throw new AssentError('reason_missing', 'A denial needs a reason: say why.');
  if (reason.length > MAX_REASON) {
    throw new AssentError('reason_too_long', `The reason has more than ${MAX_REASON} characters.`);
  }
  if (!reason.isWellFormed()) throw malformed('The reason holds a lone surrogate');
  return reason;
}

function readAccount(payload: unknown): SlackAccount {
  const { team, user } = read(account, payload);
  if (!team) {
    throw new AssentError(
      'interaction_no_team',
      'The interaction names no workspace: install the app in a workspace, not for the whole organization.',
    );
  }
  // Somebody from a connected workspace acts in our team but belongs to theirs.
  return { team: user.team_id ?? team.id, user: user.id };
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw malformed(
    `The interaction is not as Slack describes it: ${z.prettifyError(result.error)}`,
    result.error,
  );
}

function malformed(message: string, cause?: unknown): AssentError {
  return new AssentError('interaction_malformed', `${message}.`, { cause });
}

function unknown(what: string): AssentError {
  return new AssentError('interaction_unknown', `Slack sent ${what}, which no card of ours has.`);
}
