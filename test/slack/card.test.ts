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
import { cardInput, contentOf } from '../../dev/slack/card-scene.ts';
import { exportScene, moreScenes, stateScenes } from '../../dev/slack/card-scenes.ts';
import type { Scene, SceneEvent } from '../../dev/slack/scene.ts';
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

const BUTTONS_IN: Readonly<Record<string, string[]>> = {
  pending: ['Approve', 'Deny', 'Hand over', 'Details'],
  approved: ['Deny', 'Details'],
  lapsed: ['Deny', 'Details'],
  unknown: ['Say what happened', 'Details'],
  active: ['End now', 'Details'],
};

test.each(states)(
  '%s: is in that state, within every limit, and has the buttons of what can be done then',
  (state) => {
    const input = cardInput(stateScenes[state]);
    expect(input.standings.state).toBe(state);
    const card = renderCard(input);
    expect(faultsOfMessage(card)).toEqual([]);
    expect(labelsOf(card)).toEqual(BUTTONS_IN[state] ?? []);
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
  expect(wordsOf(render(stateScenes.pending).blocks)).toContain(
    '1 of 2 from *data-owners*  ·  <@U0DANA>  ·  asked now: <@U0NOOR>',
  );
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
  const said = (now: number) => wordsOf(render({ ...exportScene, now }).blocks);
  expect(said(60)).toContain('asked now: <@U0DANA> and <@U0NOOR>');
  expect(said(60)).toMatch(/From <!date\^\d+\^[^>]*>: \*security\* may fill any place too"/);
  expect(said(1800)).toMatch(/Since <!date\^\d+\^[^>]*>: \*security\* may fill any place too: <@U0SAM>/);
});

test('says only while it waits who is asked', () => {
  expect(wordsOf(render(stateScenes.pending).blocks)).toContain('asked now');
  expect(wordsOf(render(stateScenes.denied).blocks)).not.toContain('asked now');
});

describe('a requirement of several parts', () => {
  const said = (name: keyof typeof moreScenes) => wordsOf(render(moreScenes[name]).blocks);
  test('says of each part how far it has come, whom it counts and for whom they stand', () => {
    expect(said('two_parts')).toContain('*Approvals, all of these*');
    expect(said('two_parts')).toContain('2 of 3 approvals');
    expect(said('two_parts')).toContain(
      ':white_check_mark:  1 of 1 from *security*  ·  <@U0OLA> for <@U0KARI>\\n',
    );
    expect(said('two_parts')).toContain('1 of 2 denials that end it: <@U0SAM>');
    expect(said('two_parts')).toContain('An approval takes a reason and the typed name');
  });
  test('asks by every alternative of a part, each person once, with those who stand for one another', () => {
    const parts = { ...moreScenes.two_parts, events: [] };
    expect(wordsOf(render(parts).blocks)).toContain(
      'asked now: <@U0INES>, <@U0OLA>, <@U0RAVI>, <@U0SAM> and Tove Lund',
    );
  });
  test('names all alternatives while none is met, and who is asked only in its turn', () => {
    expect(said('sequential')).toContain('*Approvals, one after the other*');
    expect(said('sequential')).toContain(
      '•  0 of 1 from *security*, or 0 of 2 from *privacy-office* or *Tove Lund*  ·  asked when those before are met',
    );
    expect(said('sequential')).not.toContain('U0OLA');
  });
  test('with more names than a card takes says so, and keeps the counts', () => {
    const from = Array.from({ length: 20 }, (_, index) => `group-${index}-${'x'.repeat(60)}`);
    const part = { any_of: [{ from, count: 2, people: ['dana', 'noor'] }] };
    const requirement = { ...exportScene.requirement, approvals: [part, part, part] };
    const card = render({ ...exportScene, requirement });
    expect(faultsOfMessage(card)).toEqual([]);
    expect(wordsOf(card.blocks)).toContain('•  0 of 2\\n•  0 of 2\\n•  0 of 2');
    expect(wordsOf(card.blocks)).toContain('stands under Details');
  });
});

test.each([
  ['approver_removed', '<@U0DANA>’s approval lapsed: no longer among those who may decide'],
  ['rule_changed', '<@U0DANA>’s approval lapsed: the rule that asked for it has changed since'],
  ['drifted', 'columns: customers.phone as well'],
  ['asked_again', 'Asked again: it did not run in time, and nothing changed.'],
  ['frozen', '*Frozen*: <@U0KARI> froze the actions `sql.*`'],
  ['frozen', 'Someone is reading crm who should not'],
  ['frozen_pending', '*Frozen*: <@U0KARI>'],
  [
    'held',
    '*Outside its hours*: It runs only mon, tue, wed, thu, fri 18:00 to 22:00 Europe/Oslo  ·  may run from',
  ],
  ['limited', 'report-writer has reached its limit under this rule: at most 5 in 10 minutes'],
  ['broken_glass', '*Released and done*  ·  by <@U0KARI> *alone*'],
  ['broken_glass', '*Review open*: was that justified?  ·  <@U0OLA> and <@U0SAM>'],
  ['glass_reviewed', '*Reviewed*: *not justified*, says <@U0SAM>'],
  ['glass_unused', 'meant to release this *alone*; it did not run on that'],
  ['did_not_run', '<@U0NOOR> says: *it did not run*'],
  ['lease_revoked', 'is being ended now'],
  ['lease_revoked', '*Revoked* by <@U0KARI>'],
  ['lease_over', 'ended by itself'],
  ['own_key', '`npx assent approve 4f1c2a9d4f1c`'],
] as const)('%s: says %s', (name, expected) => {
  const card = render(moreScenes[name]);
  expect(faultsOfMessage(card)).toEqual([]);
  expect(wordsOf(card.blocks)).toContain(expected);
});

test('what a policy or an operator wrote about a hold is text, and cut where it is long', () => {
  const attack = `<!channel> \`${'<https://evil|ok>'.repeat(60)}`;
  const closed = [{ from: '2026-09-14T00:00:00.000Z', to: '2026-09-15T00:00:00.000Z', reason: attack }];
  const frozen: SceneEvent = {
    kind: 'freeze',
    person: 'kari',
    after: 1,
    scope: { of: 'resource', resource: { database: attack } },
    reason: attack,
  };
  const held: Scene = { ...moreScenes.held, release: { ...exportScene.release, closed } };
  const stopped: Scene = { ...exportScene, resource: { database: attack }, events: [frozen] };
  for (const scene of [held, stopped]) {
    const card = render(scene);
    expect(faultsOfMessage(card)).toEqual([]);
    const markup = JSON.stringify(card.blocks).match(/"type":"mrkdwn","text":"(\\.|[^"])*"/g) ?? [];
    expect(markup.join()).toContain('&lt;!channel&gt;');
    expect(markup.join()).not.toContain('<!channel>');
  }
});

test('keeps a person’s word on the outcome apart from the executor’s', () => {
  const said = wordsOf(render(stateScenes.settled).blocks);
  expect(said).toContain('the executor never said how it ended"');
  expect(said).toContain('":memo:  <@U0NOOR> says: *it ran*');
});

test('offers what can be done, and nothing that is done', () => {
  const labels = (name: keyof typeof moreScenes) => labelsOf(render(moreScenes[name]));
  expect(labels('own_key')).toEqual(['Deny', 'Hand over', 'Details']);
  expect(labels('broken_glass')).toEqual(['Review release', 'Details']);
  expect(labels('glass_reviewed')).toEqual([]);
  expect(labels('lease_revoked')).toEqual([]);
  expect(labels('frozen')).toEqual(['Deny', 'Details']);
});

test('an approval that opens a modal is not confirmed twice', () => {
  const [approve] = buttonsOf(render(moreScenes.two_parts));
  expect(approve?.text.text).toBe('Approve');
  expect(approve).not.toHaveProperty('confirm');
});

test('where policy asks nobody any more, its buttons bind nothing that could be decided', () => {
  const input = cardInput({ ...stateScenes.active, effect: 'deny' });
  expect(input.content).toBeNull();
  const card = renderCard(input);
  expect(labelsOf(card)).toEqual(['End now']);
  const [end] = buttonsOf(card);
  const { card_digest } = buttonValue.parse(end?.value ?? '');
  expect(card_digest).not.toBe(cardDigest(contentOf(cardInput(stateScenes.active))));
  expect(wordsOf(card.blocks)).toContain('by <@U0DANA> and <@U0NOOR>');
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
  const content = contentOf(input);
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
  expect(confirmed('high')).toEqual([true, false, false, false]);
  expect(confirmed('low')).toEqual([false, false, false, false]);
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
      expect(labelsOf(card)).toEqual(['Review', 'Deny', 'Hand over', 'Details']);
      expect(wordsOf(card.blocks)).toContain('⟦cut: ');
      const content = contentOf(input);
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

const allScenes: Readonly<Record<string, Scene>> = { ...stateScenes, ...moreScenes };

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
    state: fc.constantFrom(...Object.keys(allScenes)),
  })
  .map(({ title, lines, input, statement, reason, name, from, state }) => ({
    ...(allScenes[state] ?? exportScene),
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
      approvals: Array.from({ length: 8 }, () => ({
        any_of: Array.from({ length: 8 }, (_, index) => ({
          from,
          count: index + 1,
          people: ['dana', 'noor'],
        })),
      })),
      escalations: Array.from({ length: 6 }, (_, index) => ({
        after_seconds: index * 300,
        add: { from, people: ['sam'] },
        notify: { from, people: ['kari'] },
      })),
    },
    drift: lines,
    events: (allScenes[state] ?? exportScene).events.map((event) =>
      'reason' in event ? { ...event, reason: statement } : event,
    ),
    faces: {
      dana: { name, mention: null },
      noor: { name, mention: 'not an id' },
      kari: { name, mention: null },
    },
  }));

test('whatever the content: within every limit, and Approve only beside the whole action', () => {
  fc.assert(
    fc.property(arbitraryScene, (scene) => {
      const input = cardInput(scene);
      const card = renderCard(input);
      expect(faultsOfMessage(card)).toEqual([]);
      const [first] = labelsOf(card);
      if (input.standings.state !== 'pending') {
        expect(['Approve', 'Review']).not.toContain(first);
        return;
      }
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
    { numRuns: 100 },
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
