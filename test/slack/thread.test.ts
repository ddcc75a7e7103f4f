/** The thread under a card, the message to the person who asked, and the answer to a click that did not count. */
import { describe, expect, test } from 'vitest';
import { renderOutcome } from '../../channels/slack/outcome.ts';
import { renderRefusedClick } from '../../channels/slack/refusal-words.ts';
import { renderThread } from '../../channels/slack/thread.ts';
import {
  cardInput,
  exportScene,
  type Scene,
  type SceneEvent,
  stateScenes,
} from '../../dev/slack/card-scene.ts';
import { faultsOfMessage, wordsOf } from './limits.ts';

const thread = (scene: Scene) => renderThread(cardInput(scene));
const texts = (scene: Scene) => thread(scene).map(({ text }) => text);
const states = Object.keys(stateScenes) as (keyof typeof stateScenes)[];

test.each(states)('%s: lines within every limit, each under a key of its own', (state) => {
  const lines = thread(stateScenes[state]);
  expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
  for (const line of lines) expect(faultsOfMessage(line)).toEqual([]);
});

test('tells the story in its order: the refused attempt, the votes, the result', () => {
  const lines = texts(stateScenes.succeeded);
  expect(lines.map((line) => /<@\w+> (?:\*\w+\*|tried)|\*Done\*/.exec(line)?.[0])).toEqual([
    '<@U0MAYA> tried',
    '<@U0DANA> *approved*',
    '<@U0NOOR> *approved*',
    '*Done*',
  ]);
  expect(lines[0]).toContain('separation of duties (report-writer asks on their behalf)');
});

test('lines stay under their keys while the request goes on', () => {
  const scene = stateScenes.succeeded;
  const keysAfter = (events: readonly SceneEvent[]) => thread({ ...scene, events }).map(({ key }) => key);
  const all = keysAfter(scene.events);
  for (let count = 0; count <= scene.events.length; count++) {
    const before = keysAfter(scene.events.slice(0, count)).filter((key) => !/^unknown|^lapsed/.test(key));
    expect(all).toEqual(expect.arrayContaining(before));
  }
});

describe('an escalation', () => {
  const keys = (scene: Scene) => thread(scene).map(({ key }) => key);
  test('is told when its time has come, and mentions whom it asks', () => {
    expect(keys({ ...exportScene, now: 1799 })).toEqual([]);
    expect(keys({ ...exportScene, now: 1800 })).toEqual(['escalation:1']);
    expect(texts({ ...exportScene, now: 1800 })[0]).toContain('*security* may decide now too: <@U0SAM>');
    expect(texts({ ...exportScene, now: 1800 })[0]).not.toContain('U0DANA');
  });
  test('stays told after the request has ended', () => {
    expect(keys(stateScenes.expired)).toEqual([
      expect.stringContaining('sha256:'),
      'escalation:1',
      'expired',
    ]);
  });
  test.each([
    ['approved', stateScenes.approved],
    ['denied', stateScenes.denied],
    ['withdrawn', stateScenes.withdrawn],
    ['closed', stateScenes.undeliverable],
  ] as const)('is never told of a request that was %s before', (_, scene) => {
    expect(keys({ ...scene, now: 1900 })).not.toContain('escalation:1');
  });
});

describe('refused attempts', () => {
  const refused = (person: string | null, code: string, after: number): SceneEvent => ({
    kind: 'approve',
    person,
    refused: code,
    after,
  });
  test('of one person for one reason are one line, however many', () => {
    const events = [1, 2, 3, 4].map((after) => refused('sam', 'not_asked_yet', after));
    expect(texts({ ...exportScene, events })).toHaveLength(1);
    expect(texts({ ...exportScene, events: [...events, refused('sam', 'not_eligible', 5)] })).toHaveLength(2);
  });
  test('of an account that is bound to nobody name the account', () => {
    expect(texts({ ...exportScene, events: [refused(null, 'person_unknown', 1)] })).toEqual([
      expect.stringContaining(
        '<@U0STRANGER> tried to approve: *refused*, this Slack account is bound to nobody',
      ),
    ]);
  });
  test('do not include a second click on a button one has used', () => {
    expect(texts({ ...exportScene, events: [refused('dana', 'already_approved', 1)] })).toEqual([]);
  });
});

test('says of a vote on an earlier version that it does not count', () => {
  const events: SceneEvent[] = [{ kind: 'approve', person: 'dana', after: 5, stale: true }];
  expect(texts({ ...exportScene, events })).toEqual([
    expect.stringContaining('does not count: it was given to an earlier version'),
  ]);
});

test("a denial's reason is quoted, never markup", () => {
  const events: SceneEvent[] = [{ kind: 'deny', person: 'dana', after: 5, reason: '<!channel> *no*' }];
  const [line] = thread({ ...exportScene, events });
  expect(line?.text).toContain('*denied* this: &lt;!channel&gt;');
  expect(line?.blocks[1]).toMatchObject({ type: 'rich_text', elements: [{ type: 'rich_text_quote' }] });
});

describe('the message to the person who asked', () => {
  test.each(states)('%s', (state) => {
    const message = renderOutcome(cardInput(stateScenes[state]));
    if (['pending', 'approved', 'running', 'allowed'].includes(state)) return expect(message).toBeNull();
    expect(message).toMatchObject({ key: `outcome:${state}`, person: 'maya' });
    return expect(message && faultsOfMessage(message)).toEqual([]);
  });
  test('says why it was denied', () => {
    expect(wordsOf(renderOutcome(cardInput(stateScenes.denied))?.blocks ?? [])).toContain(
      'E-mail addresses are not needed',
    );
  });
  test('goes to nobody where nobody is named', () => {
    const scene = { ...stateScenes.denied, claims: { ...exportScene.claims, on_behalf_of: null } };
    expect(renderOutcome(cardInput(scene))).toBeNull();
  });
});

test.each([
  ['excluded', 'separation of duties (report-writer asks on their behalf)'],
  ['not_asked_yet', 'asked only later'],
  ['request_expired', 'the request has expired'],
  ['account_guest', 'is a guest’s'],
  ['some_new_code', 'some new code'],
])('a click refused as %s is told why', (code, words) => {
  const { policy } = cardInput(exportScene);
  const answer = renderRefusedClick({ verdict: 'approve', code, policy, person: 'maya' });
  expect(answer).toContain('Your approval was not counted: ');
  expect(answer).toContain(words);
});
