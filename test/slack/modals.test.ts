/** Modals: within every limit for any action, with the whole action in them or no way to approve it. */
import { expect, test } from 'vitest';
import { cardDigest } from '../../approval/view.ts';
import { privateMetadata } from '../../channels/slack/card-reference.ts';
import { denyModal, detailsModal, reasonRefused, reviewModal } from '../../channels/slack/modals.ts';
import { cardInput, exportScene, type Scene } from '../../dev/slack/card-scene.ts';
import { faultsOfView, wordsOf } from './limits.ts';

function opened(scene: Scene) {
  const { content } = cardInput(scene);
  const card = { request_id: content.request_id, card_digest: cardDigest(content) };
  const place = { card, channel: 'C0APPROVALS', message_ts: '1726306200.000100' };
  return { content, place };
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

test('a refused reason is said at its input', () => {
  expect(reasonRefused('say why')).toEqual({ response_action: 'errors', errors: { reason: 'say why' } });
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
