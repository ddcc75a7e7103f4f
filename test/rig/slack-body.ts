/** What Slack sends: bodies as it writes them, and its signature over them. */
import { createHmac } from 'node:crypto';
import {
  BUTTONS,
  type CardReference,
  INPUTS,
  MODALS,
  printButtonValue,
  printPrivateMetadata,
} from '../../channels/slack/card-reference.ts';
import { type Handle, TEAM, userOf } from './house.ts';

export interface Place {
  readonly card: CardReference;
  readonly channel: string;
  readonly message_ts: string;
}

const account = (person: Handle, team = TEAM) => ({
  team: { id: team, domain: 'assent-dev' },
  user: { id: userOf(person), username: person, team_id: team },
});

export const form = (payload: unknown): string => `payload=${encodeURIComponent(JSON.stringify(payload))}`;

/** A click on a button of a card. */
export function clickOf(
  person: Handle,
  { card, channel, message_ts }: Place,
  button: keyof typeof BUTTONS,
  change: object = {},
) {
  return {
    type: 'block_actions',
    ...account(person),
    container: { type: 'message', message_ts, channel_id: channel, is_ephemeral: false },
    trigger_id: '13345224609.738474920.8088930838d88f008e0',
    response_url: 'https://hooks.slack.com/actions/T0/1/2',
    actions: [{ type: 'button', action_id: BUTTONS[button], block_id: 'b', value: printButtonValue(card) }],
    ...change,
  };
}

export type Form = keyof typeof MODALS;

/** What a person filled in: text, whom they picked, which of two answers they chose. */
export type Inputs = Readonly<{ [I in keyof typeof INPUTS]?: string }>;

/** One of a card's modals, submitted. */
export function submissionOf(person: Handle, place: Place, kind: Form, inputs: Inputs) {
  const values = Object.entries(inputs).map(([input, value]) => [
    input,
    { [input]: elementOf(input, value) },
  ]);
  return {
    type: 'view_submission',
    ...account(person),
    view: {
      id: 'V1',
      callback_id: MODALS[kind],
      private_metadata: printPrivateMetadata(place),
      state: { values: Object.fromEntries(values) },
    },
  };
}

function elementOf(input: string, value: string) {
  if (input === INPUTS.to) return { type: 'users_select', selected_user: value };
  const chosen = input === INPUTS.ran || input === INPUTS.justified;
  return chosen ? { type: 'radio_buttons', selected_option: { value } } : { type: 'plain_text_input', value };
}

/** The modal that asks for a denial's reason, submitted. */
export function denialOf(person: Handle, place: Place, reason: string) {
  return submissionOf(person, place, 'deny', { reason });
}

export const slackTime = (offsetSeconds = 0): string => `${Math.floor(Date.now() / 1000) + offsetSeconds}`;

export function signedHeaders(
  body: string,
  secret: string,
  timestamp: string = slackTime(),
): Record<string, string> {
  const mac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${mac}`,
  };
}
