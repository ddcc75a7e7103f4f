/** Modals: within every limit for any action, with the whole action in them or no way to approve it. */
import type { Block, InputBlock, ModalView } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { cardDigest } from '../../approval/view.ts';
import { privateMetadata } from '../../channels/slack/card-reference.ts';
import {
  approveModal,
  asksMore,
  deferModal,
  denyModal,
  reviewGlassModal,
  revokeModal,
  settleModal,
} from '../../channels/slack/forms.ts';
import { detailsModal, reviewModal } from '../../channels/slack/modals.ts';
import { cardInput, contentOf } from '../../dev/slack/card-scene.ts';
import { exportScene, moreScenes } from '../../dev/slack/card-scenes.ts';
import type { Scene } from '../../dev/slack/scene.ts';
import { faultsOfView, wordsOf } from './limits.ts';

function opened(scene: Scene) {
  const input = cardInput(scene);
  const content = contentOf(input);
  const card = { request_id: content.request_id, card_digest: cardDigest(content) };
  const place = { card, channel: 'C0APPROVALS', message_ts: '1726306200.000100' };
  return { input, content, place };
}

const withQuery = (query: string): Scene => ({
  ...exportScene,
  action: { ...exportScene.action, input: { query } },
});
/** All preformatted text of a view, joined: what it shows of the input. */
const codeOf = (blocks: readonly unknown[]): string =>
  [
    ...JSON.stringify(blocks).matchAll(
      /"rich_text_preformatted","elements":\[\{"type":"text","text":("(?:\\.|[^"])*")/g,
    ),
  ]
    .map(([, text]) => JSON.parse(text ?? '""'))
    .join('');

test('deny asks for a reason and carries the card', () => {
  const { content, place } = opened(exportScene);
  const modal = denyModal(content, place);
  expect(faultsOfView(modal)).toEqual([]);
  expect(privateMetadata.parse(modal.private_metadata ?? '')).toEqual(place);
  expect(modal.blocks.at(-1)).toMatchObject({
    type: 'input',
    block_id: 'reason',
    element: { type: 'plain_text_input', min_length: 1, max_length: 1000 },
  });
  expect(modal.blocks.at(-1)).not.toHaveProperty('optional');
});

const isInput = (block: Block): block is InputBlock => block.type === 'input';
/** What the inputs of a view are: of its blocks those that ask. */
const inputsOf = ({ blocks }: ModalView) =>
  blocks.flatMap((block) => (isInput(block) ? [[block.block_id, block.element.type]] : []));

const reason = ['reason', 'plain_text_input'];
const { input: brokenInput, content: brokenContent, place: brokenPlace } = opened(moreScenes.broken_glass);
const { glass } = brokenInput.standings;
if (glass === null) throw new Error('the scene has no broken glass');
const forms: Record<string, [ModalView, string[][]]> = {
  defer: [deferModal(brokenContent, brokenPlace), [['to', 'users_select'], reason]],
  settle: [settleModal(brokenContent, brokenPlace), [['ran', 'radio_buttons'], reason]],
  revoke: [revokeModal(brokenContent, brokenPlace), [reason]],
  'review of a broken glass': [
    reviewGlassModal(brokenContent, glass, brokenPlace),
    [['justified', 'radio_buttons'], reason],
  ],
};

test.each(Object.entries(forms))('%s asks, with nothing filled in or chosen before', (_, [modal, inputs]) => {
  expect(faultsOfView(modal)).toEqual([]);
  expect(inputsOf(modal)).toEqual(inputs);
  expect(privateMetadata.parse(modal.private_metadata ?? '')).toEqual(brokenPlace);
  expect(JSON.stringify(modal)).not.toMatch(/initial_|"primary"|"danger"|"optional"/);
});

test('a review of a broken glass quotes what its author gave as the reason', () => {
  expect(wordsOf(forms['review of a broken glass']?.[0].blocks ?? [])).toContain(
    'customers are charged twice',
  );
});

describe('an approval that takes more than a click', () => {
  const wanting = (require: Scene['requirement']['require'], target = 'crm') =>
    opened({
      ...exportScene,
      presentation: { ...exportScene.presentation, target },
      requirement: { ...exportScene.requirement, require },
    });
  test.each([
    [['reason'], [reason]],
    [['typed'], [['typed', 'plain_text_input']]],
    [
      ['reason', 'typed'],
      [['typed', 'plain_text_input'], reason],
    ],
  ] as const)('%j', (require, inputs) => {
    const { content, place } = wanting(require);
    expect(asksMore(content)).toBe(true);
    for (const modal of [approveModal(content, place), reviewModal(content, place)]) {
      expect(faultsOfView(modal)).toEqual([]);
      expect(inputsOf(modal)).toEqual(inputs);
      expect(modal).toMatchObject({ callback_id: 'assent.approve', submit: { text: 'Approve' } });
    }
  });
  test('is none without a need, nor for a key of one’s own, which no modal can hold', () => {
    expect(asksMore(wanting([]).content)).toBe(false);
    expect(asksMore(wanting(['own_key']).content)).toBe(false);
    const { content, place } = wanting([]);
    expect(inputsOf(reviewModal(content, place))).toEqual([]);
  });
  test('shows the name to type, with what hides in it, and long ones within the limits', () => {
    const hidden = wanting(['typed'], 'cr\u200bm');
    expect(wordsOf(approveModal(hidden.content, hidden.place).blocks)).toContain('cr⟦U+200B⟧m');
    const long = wanting(['typed'], '<'.repeat(9000));
    expect(faultsOfView(approveModal(long.content, long.place))).toEqual([]);
  });
});

test('the whole of what is asked again says what changed', () => {
  const { content, place } = opened(moreScenes.drifted);
  for (const modal of [reviewModal(content, place), detailsModal(content, place)]) {
    expect(wordsOf(modal.blocks)).toContain('rows: 1,204 when it was approved, 1,871 now');
  }
});

test('details say who may decide and when it may run', () => {
  const said = (scene: Scene) => {
    const { content, place } = opened(scene);
    return wordsOf(detailsModal(content, place).blocks);
  };
  const parts = said(moreScenes.sequential);
  expect(parts).toContain('one after the other:');
  expect(parts).toContain('1 of security or 2 of privacy-office, tove');
  expect(said(moreScenes.held)).toContain('mon, tue, wed, thu, fri from 18:00 to 22:00, Europe/Oslo');
  expect(said(moreScenes.limited)).toContain('at most 5 of this agent’s in 10 minutes');
  expect(said(moreScenes.held)).toContain('within 15 minutes of its approval');
});

test('details show the whole action and every digest whole', () => {
  const { content, place } = opened(exportScene);
  const modal = detailsModal(content, place);
  expect(faultsOfView(modal)).toEqual([]);
  expect(modal).not.toHaveProperty('submit');
  const shown = wordsOf(modal.blocks);
  const { card_digest } = place.card;
  for (const digest of [
    content.action_digest,
    content.preview_digest,
    content.rule_digest,
    card_digest,
    content.request_id,
  ]) {
    expect(shown).toContain(digest);
  }
  expect(codeOf(modal.blocks)).toContain(JSON.stringify(exportScene.action.input.query));
});

test.each([3_000, 60_000, 150_000])(
  'a review of %d characters shows each of them and can approve',
  (size) => {
    const query = Array.from({ length: size / 10 }, (_, index) =>
      `line ${String(index).padStart(4, '0')}`.slice(-10),
    ).join('\n');
    const { content, place } = opened(withQuery(query));
    const modal = reviewModal(content, place);
    expect(faultsOfView(modal)).toEqual([]);
    expect(modal.submit?.text).toBe('Approve');
    expect(codeOf(modal.blocks)).toContain(JSON.stringify(query));
  },
);

test.each([
  ['the longest input that there is', 'x'.repeat(250_000)],
  ['what grows when it is shown', '\u202e'.repeat(80_000)],
  ['what grows when it is escaped', '<'.repeat(80_000)],
  ['what is long in bytes', '🙂'.repeat(60_000)],
])('%s is cut within the limits, says so, and cannot be approved', (_, query) => {
  const { content, place } = opened(withQuery(query));
  const review = reviewModal(content, place);
  expect(faultsOfView(review)).toEqual([]);
  expect(review).not.toHaveProperty('submit');
  expect(wordsOf(review.blocks)).toContain('Too long to approve in Slack');
  const details = detailsModal(content, place);
  expect(faultsOfView(details)).toEqual([]);
  expect(wordsOf(details.blocks)).toContain('⟦cut: ');
  expect(wordsOf(details.blocks)).toContain(content.action_digest);
});
