/** Reading what Slack sends: real shapes are read, and each mutation of them is refused by its code. */
import { expect, test } from 'vitest';
import {
  BUTTONS,
  MODALS,
  printButtonValue,
  printPrivateMetadata,
} from '../../channels/slack/card-reference.ts';
import { parseInteraction } from '../../channels/slack/interaction.ts';
import { faultInForm, inputFor } from '../../channels/slack/submission.ts';

const card = { request_id: 'ab'.repeat(32), card_digest: `sha256:${'cd'.repeat(32)}` } as const;
const form = (payload: unknown) =>
  Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());

const click = {
  type: 'block_actions',
  api_app_id: 'A0ASSENT',
  token: 'verification',
  team: { id: 'T0TEAM', domain: 'acme' },
  enterprise: null,
  user: { id: 'U0DANA', username: 'dana', name: 'dana', team_id: 'T0TEAM' },
  container: {
    type: 'message',
    message_ts: '1726306200.000100',
    channel_id: 'C0APPROVALS',
    is_ephemeral: false,
  },
  trigger_id: '13345224609.738474920.8088930838d88f008e0',
  channel: { id: 'C0APPROVALS', name: 'approvals' },
  message: { type: 'message', ts: '1726306200.000100', text: 'Waiting', blocks: [{ type: 'header' }] },
  state: { values: {} },
  response_url: 'https://hooks.slack.com/actions/T0TEAM/1/xyz',
  actions: [
    {
      type: 'button',
      action_id: BUTTONS.approve,
      block_id: 'b',
      value: printButtonValue(card),
      action_ts: '1',
    },
  ],
};
const place = { card, channel: 'C0APPROVALS', message_ts: '1726306200.000100' };
const submission = {
  type: 'view_submission',
  team: { id: 'T0TEAM', domain: 'acme' },
  user: { id: 'U0DANA', username: 'dana', team_id: 'T0TEAM' },
  view: {
    id: 'V1',
    hash: '156772938.1827394',
    callback_id: MODALS.deny,
    private_metadata: printPrivateMetadata(place),
    state: { values: { reason: { reason: { type: 'plain_text_input', value: '  too many rows \n' } } } },
  },
  response_urls: [],
};

const refusedBy = (body: Uint8Array): string => {
  try {
    return `taken: ${parseInteraction(body).kind}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : `not an AssentError: ${error}`;
  }
};

const clicked = Object.keys(BUTTONS) as (keyof typeof BUTTONS)[];
test.each(clicked)('reads a click on %s', (kind) => {
  const [action] = click.actions;
  const read = parseInteraction(form({ ...click, actions: [{ ...action, action_id: BUTTONS[kind] }] }));
  expect(read).toEqual({
    kind,
    account: { team: 'T0TEAM', user: 'U0DANA' },
    ...place,
    trigger_id: click.trigger_id,
    response_url: click.response_url,
  });
});

const why = { reason: { reason: { type: 'plain_text_input', value: '  too many rows \n' } } };
const chosen = (value: string | null) => ({
  type: 'radio_buttons',
  selected_option: value === null ? null : { text: { type: 'plain_text', text: 'x' }, value },
});
const picked = (selected_user: unknown) => ({ to: { to: { type: 'users_select', selected_user } } });
const typed = (value: unknown) => ({ typed: { typed: { type: 'plain_text_input', value } } });
const submitted = (kind: keyof typeof MODALS, values: object) =>
  form({ ...submission, view: { ...submission.view, callback_id: MODALS[kind], state: { values } } });

test.each([
  ['approve', {}, { reason: null, typed: null }],
  ['approve', why, { reason: 'too many rows', typed: null }],
  ['approve', typed(' crm '), { reason: null, typed: ' crm ' }],
  ['approve', { ...why, ...typed('crm') }, { reason: 'too many rows', typed: 'crm' }],
  ['deny', why, { reason: 'too many rows' }],
  [
    'defer',
    { ...why, ...picked('U0NOOR') },
    { reason: 'too many rows', to: { team: 'T0TEAM', user: 'U0NOOR' } },
  ],
  ['settle', { ...why, ran: { ran: chosen('yes') } }, { reason: 'too many rows', ran: true }],
  ['settle', { ...why, ran: { ran: chosen('no') } }, { reason: 'too many rows', ran: false }],
  ['revoke', why, { reason: 'too many rows' }],
  [
    'review_glass',
    { ...why, justified: { justified: chosen('no') } },
    { reason: 'too many rows', justified: false },
  ],
] as const)('reads a submitted modal: %s %j', (kind, values, said) => {
  expect(parseInteraction(submitted(kind, values))).toEqual({
    kind: `${kind}_submitted`,
    account: { team: 'T0TEAM', user: 'U0DANA' },
    ...place,
    ...said,
  });
});

test('a review without any inputs may have no state at all', () => {
  const view = { ...submission.view, callback_id: MODALS.approve, state: undefined };
  expect(parseInteraction(form({ ...submission, view }))).toMatchObject({ reason: null, typed: null });
});

test('hands over within the workspace of the card, whoever does it', () => {
  const body = { ...submission, user: { ...submission.user, team_id: 'T0OTHER' } };
  const view = { ...submission.view, callback_id: MODALS.defer };
  const state = { values: { ...why, ...picked('U0NOOR') } };
  expect(parseInteraction(form({ ...body, view: { ...view, state } }))).toMatchObject({
    account: { team: 'T0OTHER' },
    to: { team: 'T0TEAM', user: 'U0NOOR' },
  });
});

test('what a form lacks is said at its input, and nothing else is', () => {
  const answerTo = (body: Uint8Array) => {
    try {
      return parseInteraction(body);
    } catch (error) {
      return faultInForm(error);
    }
  };
  const answer = answerTo(submitted('settle', { ...why, ran: { ran: chosen(null) } }));
  expect(answer).toEqual({ response_action: 'errors', errors: { ran: 'Choose one of the two.' } });
  expect(answerTo(Buffer.alloc(0))).toBeNull();
  expect(faultInForm(new Error('x'))).toBeNull();
});

test('a refusal is shown where its form can show it', () => {
  const approved = (reason: string | null, name: string | null) =>
    ({ kind: 'approve_submitted', reason, typed: name }) as const;
  expect(inputFor(approved(null, null), 'excluded')).toBeNull();
  expect(inputFor(approved('x', 'y'), 'excluded')).toBe('reason');
  expect(inputFor(approved('x', 'y'), 'typed_mismatch')).toBe('typed');
  expect(inputFor(approved(null, 'y'), 'excluded')).toBe('typed');
  const deferred = { kind: 'defer_submitted', to: { team: 'T', user: 'U' }, reason: 'x' } as const;
  expect(inputFor(deferred, 'other_not_eligible')).toBe('to');
  expect(inputFor(deferred, 'excluded')).toBe('reason');
});

test('knows somebody from a connected workspace by their own team', () => {
  const read = parseInteraction(form({ ...click, user: { ...click.user, team_id: 'T0OTHER' } }));
  expect(read).toMatchObject({ account: { team: 'T0OTHER', user: 'U0DANA' } });
});

test('ignores what nobody asked', () => {
  const event = Buffer.from(JSON.stringify({ type: 'event_callback', event: { type: 'message' } }));
  expect(parseInteraction(event)).toEqual({ kind: 'ignored', type: 'event_callback' });
  expect(parseInteraction(form({ type: 'view_closed', view: {} }))).toEqual({
    kind: 'ignored',
    type: 'view_closed',
  });
});

const [approve] = click.actions;
const acted = (change: object) => form({ ...click, actions: [{ ...approve, ...change }] });
const viewed = (change: object) => form({ ...submission, view: { ...submission.view, ...change } });
const reasoned = (value: unknown) => viewed({ state: { values: { reason: { reason: { value } } } } });
const { user: _, ...userless } = click;

test.each<[string, Uint8Array, string]>([
  ['an empty body', Buffer.alloc(0), 'interaction_malformed'],
  ['no payload', Buffer.from('a=1'), 'interaction_malformed'],
  ['two payloads', Buffer.concat([form(click), Buffer.from('&'), form(click)]), 'interaction_malformed'],
  ['a payload that is no JSON', Buffer.from('payload=%7B'), 'interaction_malformed'],
  ['bytes that are no UTF-8', Buffer.from([0x70, 0xff]), 'interaction_malformed'],
  ['a payload that is null', form(null), 'interaction_malformed'],
  ['too large a body', Buffer.alloc(1024 * 1024 + 1, 'a'), 'interaction_too_large'],
  ['another type', form({ ...click, type: 'shortcut' }), 'interaction_unknown'],
  ['no type', form({ ...click, type: undefined }), 'interaction_malformed'],
  ['another button', acted({ action_id: 'approve' }), 'interaction_unknown'],
  ['another modal', viewed({ callback_id: 'other' }), 'interaction_unknown'],
  ['no team', form({ ...click, team: null }), 'interaction_no_team'],
  ['no team in a submission', form({ ...submission, team: null }), 'interaction_no_team'],
  ['no user', form(userless), 'interaction_malformed'],
  ['an empty user id', form({ ...click, user: { id: '' } }), 'interaction_malformed'],
  ['no action', form({ ...click, actions: [] }), 'interaction_malformed'],
  ['two actions', form({ ...click, actions: [approve, approve] }), 'interaction_malformed'],
  [
    'a click outside a message',
    form({ ...click, container: { type: 'view', view_id: 'V1' } }),
    'interaction_malformed',
  ],
  [
    'a channel that is no id',
    form({ ...click, container: { ...click.container, channel_id: '#a' } }),
    'interaction_malformed',
  ],
  ['no value', acted({ value: undefined }), 'interaction_malformed'],
  ['a value that is no JSON', acted({ value: 'approve' }), 'interaction_malformed'],
  [
    'a value with more in it',
    acted({ value: JSON.stringify({ ...card, person: 'dana' }) }),
    'interaction_malformed',
  ],
  [
    'a short request id',
    acted({ value: JSON.stringify({ ...card, request_id: 'ab' }) }),
    'interaction_malformed',
  ],
  [
    'another digest',
    acted({ value: JSON.stringify({ ...card, card_digest: 'sha1:ab' }) }),
    'interaction_malformed',
  ],
  ['metadata without a card', viewed({ private_metadata: '{}' }), 'interaction_malformed'],
  ['a reason never typed', reasoned(null), 'reason_missing'],
  ['a blank reason', reasoned(' \n\t '), 'reason_missing'],
  ['too long a reason', reasoned('x'.repeat(1001)), 'reason_too_long'],
  ['a reason with half a character', reasoned('\ud800'), 'interaction_malformed'],
  ['no reason input', viewed({ state: { values: {} } }), 'interaction_malformed'],
  ['an input inherited', viewed({ state: { values: { toString: {} } } }), 'interaction_malformed'],
  ['a name never typed', submitted('approve', typed(null)), 'typed_missing'],
  ['too long a name', submitted('approve', typed('x'.repeat(3001))), 'typed_too_long'],
  ['a name with half a character', submitted('approve', typed('\udc00')), 'interaction_malformed'],
  [
    'a blank reason to approve',
    submitted('approve', { reason: { reason: { value: ' ' } } }),
    'reason_missing',
  ],
  ['nobody to hand to', submitted('defer', { ...why, ...picked(null) }), 'other_missing'],
  ['no user to hand to', submitted('defer', { ...why, ...picked('dana') }), 'interaction_malformed'],
  ['no place for whom to hand to', submitted('defer', why), 'interaction_malformed'],
  [
    'no choice',
    submitted('review_glass', { ...why, justified: { justified: chosen(null) } }),
    'choice_missing',
  ],
  ['another choice', submitted('settle', { ...why, ran: { ran: chosen('maybe') } }), 'interaction_malformed'],
])('refuses %s', (_name, body, code) => {
  expect(refusedBy(body)).toBe(code);
});
