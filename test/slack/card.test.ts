/** The card: every state, every limit, and no Approve unless the whole action stands on it. */
import type { Button } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../approval/types.ts';
import { cardDigest } from '../../approval/view.ts';
import { boxesOf, pretty } from '../../channels/slack/action-text.ts';
import { renderCard, type SlackMessage } from '../../channels/slack/card.ts';
import { buttonValue } from '../../channels/slack/card-reference.ts';
import { reviewModal } from '../../channels/slack/modals.ts';
import { escapedLength, plain } from '../../channels/slack/text.ts';
import { cardInput, exportScene, type Scene, stateScenes } from '../../dev/slack/card-scene.ts';
import { faultsOfMessage, faultsOfView, wordsOf } from './limits.ts';

const states = Object.keys(stateScenes) as (keyof typeof stateScenes)[];
const render = (scene: Scene) => renderCard(cardInput(scene));

const buttonsOf = ({ blocks }: SlackMessage): Button[] =>
  blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .filter((one) => one.type === 'button');
const labelsOf = (message: SlackMessage) => buttonsOf(message).map(({ text }) => text.text);
/** The texts of a kind of rich text, such as those preformatted. */
const richTexts = ({ blocks }: SlackMessage, type: string) =>
  blocks
    .flatMap((block) => (block.type === 'rich_text' ? block.elements : []))
    .filter((element) => element.type === type)
    .map((element) => element.elements.map((leaf) => ('text' in leaf ? leaf.text : '')).join(''));

test.each(states)(
  '%s: is in that state, within every limit, and has buttons only while it waits',
  (state) => {
    const input = cardInput(stateScenes[state]);
    expect(input.standings.state).toBe(state);
    const card = renderCard(input);
    expect(faultsOfMessage(card)).toEqual([]);
    expect(labelsOf(card)).toEqual(state === 'pending' ? ['Approve', 'Deny', 'Details'] : []);
  },
);

test('every state has an outcome line of its own, and block ids of its own', () => {
  const cards = states.map((state) => render(stateScenes[state]));
  const ids = cards.flatMap(({ blocks }) => blocks.map(({ block_id }) => block_id));
  expect(new Set(cards.map(({ text }) => text)).size).toBe(states.length);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the same state gives the same bytes', () => {
  const input = cardInput(stateScenes.pending);
  expect(renderCard(input)).toEqual(renderCard({ ...input, now: new Date(input.now.getTime() + 1000) }));
});

test('says who approved, who denied and why, and when it expires', () => {
  expect(wordsOf(render(stateScenes.pending).blocks)).toContain('1 of 2  ·  <@U0DANA>');
  expect(wordsOf(render(stateScenes.pending).blocks)).toContain('<!date^1789381800^');
  expect(wordsOf(render(stateScenes.denied).blocks)).toContain('*Denied*  ·  by <@U0NOOR>');
  expect(richTexts(render(stateScenes.denied), 'rich_text_quote')[0]).toContain(
    'E-mail addresses are not needed',
  );
  expect(wordsOf(render(stateScenes.running).blocks)).toContain(
    '*Approved, running*  ·  by <@U0DANA> and <@U0NOOR>',
  );
});

test('says who may approve now, and from when on others may', () => {
  const later = wordsOf(render({ ...exportScene, now: 60 }).blocks);
  expect(later).toContain('*data-owners*\\n*security*, from <!date^');
  expect(wordsOf(render({ ...exportScene, now: 1800 }).blocks)).toContain(
    '*data-owners*\\n*security*, by now',
  );
});

test('says only while it waits who may approve', () => {
  expect(wordsOf(render(stateScenes.pending).blocks)).toContain('May approve');
  expect(wordsOf(render(stateScenes.denied).blocks)).not.toContain('May approve');
});

test('names who denied it, not who tried to', () => {
  const events: Scene['events'] = [
    { kind: 'deny', person: 'maya', after: 5, reason: 'mine', refused: 'excluded' },
    { kind: 'deny', person: 'noor', after: 9, reason: 'not needed' },
  ];
  const card = render({ ...exportScene, events });
  expect(wordsOf(card.blocks)).toContain('*Denied*  ·  by <@U0NOOR>');
  expect(richTexts(card, 'rich_text_quote')[0]).toBe('not needed');
});

test('a click binds what the card says', () => {
  const input = cardInput(stateScenes.pending);
  const { content } = input;
  for (const { value } of buttonsOf(renderCard(input))) {
    expect(buttonValue.parse(value ?? '')).toEqual({
      request_id: content.request_id,
      card_digest: cardDigest(content),
    });
  }
});

test('asks again before a high risk is approved, and only then', () => {
  const confirmed = (risk: 'low' | 'high') =>
    buttonsOf(render({ ...exportScene, requirement: { ...exportScene.requirement, risk } })).map(
      (one) => 'confirm' in one,
    );
  expect(confirmed('high')).toEqual([true, false, false]);
  expect(confirmed('low')).toEqual([false, false, false]);
});

test('shows the input whole: one line an argument, texts of several lines on their own', () => {
  expect(richTexts(render(exportScene), 'rich_text_preformatted')).toEqual([
    'database: "crm"\nfile: "q3-renewals.csv"',
    exportScene.action.input.query,
  ]);
});

test('a line break in an argument cannot pass for another argument', () => {
  const boxes = boxesOf({ file: 'a"\nlimit: 5', 'limit: 1\nx': 2, trailing: 'x\n' });
  expect(boxes).toEqual([
    { label: null, text: '"limit: 1\\nx": 2\ntrailing: "x\\n"' },
    { label: 'file (text):', text: 'a"\nlimit: 5' },
  ]);
});

describe("the agent's words", () => {
  const said = (statement: string, title = exportScene.presentation.title) =>
    render({
      ...exportScene,
      presentation: { ...exportScene.presentation, title },
      claims: { ...exportScene.claims, intent: { statement, source: null } },
    });

  test('are never markup', () => {
    const attack = '<!channel> <https://evil|approved by security> *bold* ```';
    const card = said(attack, attack);
    const markup = JSON.stringify(card.blocks).match(/"type":"mrkdwn","text":"(\\.|[^"])*"/g) ?? [];
    expect(markup.join()).not.toContain('evil');
    expect(card.text).not.toContain('<!channel>');
    expect(richTexts(card, 'rich_text_quote')).toContain(attack);
  });

  test('hide nothing', () => {
    expect(richTexts(said('send \u202egnp.exe'), 'rich_text_quote')).toContain('send ⟦U+202E⟧gnp.exe');
  });
});

describe('where not all of it fits', () => {
  const AMPERSANDS = Array.from({ length: 15 }, () => '&'.repeat(30)).join('\n');
  const longQuery = {
    ...exportScene.action.input,
    query: `SELECT 1\n${'-- padding\n'.repeat(60)}; DROP TABLE customers`,
  };
  const cases: Record<string, Scene> = {
    'a long input': { ...exportScene, action: { ...exportScene.action, input: longQuery } },
    'a long line': { ...exportScene, action: { ...exportScene.action, input: { query: 'x'.repeat(5000) } } },
    'many arguments': {
      ...exportScene,
      action: {
        ...exportScene.action,
        input: Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`a${i}`, i])),
      },
    },
    'two texts that fit one by one': {
      ...exportScene,
      action: { ...exportScene.action, input: { a: AMPERSANDS, b: AMPERSANDS } },
    },
    'a long title': { ...exportScene, presentation: { ...exportScene.presentation, title: 'T'.repeat(200) } },
    'a long blast radius': {
      ...exportScene,
      presentation: {
        ...exportScene.presentation,
        impact: Array.from({ length: 9 }, (_, i) => `table ${i}`),
        target: 'crm',
      },
    },
    'a long intent': {
      ...exportScene,
      claims: { ...exportScene.claims, intent: { statement: 'i'.repeat(2000), source: null } },
    },
  };

  test.each(Object.entries(cases))(
    '%s: Review stands in for Approve, and its modal shows the whole',
    (_, scene) => {
      const input = cardInput(scene);
      const card = renderCard(input);
      expect(faultsOfMessage(card)).toEqual([]);
      expect(labelsOf(card)).toEqual(['Review', 'Deny', 'Details']);
      expect(wordsOf(card.blocks)).toContain('⟦cut: ');
      const { content } = input;
      const card_digest = cardDigest(content);
      const place = {
        card: { request_id: content.request_id, card_digest },
        channel: 'C1',
        message_ts: '1.1',
      };
      const modal = reviewModal(content, place);
      expect(faultsOfView(modal)).toEqual([]);
      expect(modal.submit?.text).toBe('Approve');
      expect(wordsOf(modal.blocks)).not.toContain('⟦cut: ');
    },
  );
});

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('<', '&', '\n', '\u202e', '🙂', '⟦', ' ', '`'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 400,
});
const long = fc.oneof(
  hostile,
  hostile.map((text) => text.repeat(20).slice(0, 4000)),
);
const arbitraryInput: fc.Arbitrary<JsonObject> = fc.dictionary(
  hostile.filter((key) => key !== '__proto__'),
  fc.oneof(long, fc.integer(), fc.boolean(), fc.array(hostile, { maxLength: 5 }), fc.constant(null)),
  { maxKeys: 12 },
);
const arbitraryScene: fc.Arbitrary<Scene> = fc
  .record({
    title: long.filter((text) => text !== ''),
    lines: fc.array(long, { maxLength: 20 }),
    input: arbitraryInput,
    statement: long.filter((text) => text !== ''),
    reason: fc.option(long),
    name: hostile,
    from: fc.array(hostile, { maxLength: 30 }),
    state: fc.constantFrom(...states),
  })
  .map(({ title, lines, input, statement, reason, name, from, state }) => ({
    ...stateScenes[state],
    presentation: { title, description: lines, impact: lines, target: title },
    action: { name: 'sql.export', input },
    claims: {
      ...exportScene.claims,
      intent: { statement, source: reason },
      reason,
      trigger: reason === null ? null : { type: 'issue', id: '7', url: reason },
    },
    requirement: {
      ...exportScene.requirement,
      stages: Array.from({ length: 6 }, (_, index) => ({
        after_seconds: index * 300,
        from,
        people: exportScene.requirement.stages[0]?.people ?? [],
      })),
    },
    faces: { dana: { name, mention: null }, noor: { name, mention: 'not an id' } },
  }));

test('whatever the content: within every limit, and Approve only beside the whole action', () => {
  fc.assert(
    fc.property(arbitraryScene, (scene) => {
      const input = cardInput(scene);
      const card = renderCard(input);
      expect(faultsOfMessage(card)).toEqual([]);
      if (input.standings.state !== 'pending') {
        expect(labelsOf(card)).toEqual([]);
        return;
      }
      const [first] = labelsOf(card);
      if (first === 'Approve') {
        const shown = richTexts(card, 'rich_text_preformatted').join('\n');
        for (const { text } of boxesOf(scene.action.input)) {
          expect(shown).toContain(plain(text, { limit: 100_000, lines: true }).text);
        }
        expect(wordsOf(card.blocks)).not.toContain('⟦cut: ');
      } else {
        expect(first).toBe('Review');
        expect(wordsOf(card.blocks)).toMatch(/⟦cut: |too long/);
      }
    }),
    { numRuns: 150 },
  );
});

test('pretty JSON keeps every value and sorts the keys', () => {
  fc.assert(
    fc.property(arbitraryInput, (input) => {
      expect(JSON.parse(pretty(input))).toEqual(input);
      expect(escapedLength(pretty(input))).toBeGreaterThan(1);
    }),
  );
});
