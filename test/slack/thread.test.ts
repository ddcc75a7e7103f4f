/** The thread under a card, the message to the person who asked, and the answer to a click that did not count. */
import { describe, expect, test } from 'vitest';
import { renderCard } from '../../channels/slack/card.ts';
import { renderOutcome } from '../../channels/slack/outcome.ts';
import { renderRefusedClick } from '../../channels/slack/refusal-words.ts';
import { renderThread } from '../../channels/slack/thread.ts';
import { cardInput } from '../../dev/slack/card-scene.ts';
import { exportScene, moreScenes, stateScenes } from '../../dev/slack/card-scenes.ts';
import type { Scene, SceneEvent } from '../../dev/slack/scene.ts';
import { faultsOfMessage, wordsOf } from './limits.ts';

const thread = (scene: Scene) => renderThread(cardInput(scene));
const texts = (scene: Scene) => thread(scene).map(({ text }) => text);
const states = Object.keys(stateScenes) as (keyof typeof stateScenes)[];

const allScenes: Readonly<Record<string, Scene>> = { ...stateScenes, ...moreScenes };
test.each(Object.keys(allScenes))('%s: lines within every limit, each under a key of its own', (state) => {
  const lines = thread(allScenes[state] ?? exportScene);
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
    expect(keys({ ...exportScene, now: 1800 })).toEqual(['escalation:1:0']);
    expect(texts({ ...exportScene, now: 1800 })[0]).toContain('*security* may decide now too: <@U0SAM>');
    expect(texts({ ...exportScene, now: 1800 })[0]).not.toContain('U0DANA');
  });
  test('stays told after the request has ended', () => {
    expect(keys(stateScenes.expired)).toEqual([
      expect.stringContaining('sha256:'),
      'escalation:1:0',
      'expired',
    ]);
  });
  test.each([
    ['approved', stateScenes.approved],
    ['denied', stateScenes.denied],
    ['withdrawn', stateScenes.withdrawn],
    ['closed', stateScenes.undeliverable],
  ] as const)('is never told of a request that was %s before', (_, scene) => {
    expect(keys({ ...scene, now: 1900 })).not.toContain('escalation:1:0');
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

test('says of a vote by an earlier rule that it lapsed', () => {
  const events: SceneEvent[] = [{ kind: 'approve', person: 'dana', after: 5, stale: true }];
  expect(texts({ ...exportScene, events })).toEqual([
    ':white_check_mark:  <@U0DANA> *approved* this.',
    ':warning:  <@U0DANA>’s approval *lapsed*: the rule that asked for it has changed since.',
  ]);
});

test('tells of what people said beside deciding, with their reasons', () => {
  const told = (name: keyof typeof moreScenes) => texts(moreScenes[name]).join('\n');
  expect(told('two_parts')).toContain(
    '<@U0NOOR> *handed this over* to <@U0SAM>, who is asked now: I am on a train until noon.',
  );
  expect(told('two_parts')).toContain('<@U0OLA> for <@U0KARI> *approved* this');
  expect(told('two_parts')).toContain('<@U0SAM> *denied* this, and 2 denials end it');
  expect(told('escalated')).toContain(
    '*security* may decide now too, and *Kari Nordmann* should know: <@U0OLA>, <@U0SAM> and <@U0KARI>.',
  );
  expect(told('broken_glass')).toContain(
    'released this *alone*. *Please review*: <@U0OLA> and <@U0SAM>. The reason given: The renewal run is down',
  );
  expect(told('glass_reviewed')).toContain('<@U0SAM> reviewed the broken glass: *not justified*: Two data');
  expect(told('did_not_run')).toContain('<@U0NOOR> says: *it did not run*: There is no such file.');
  expect(told('lease_revoked')).toContain('<@U0KARI> *revoked* this: Wrong login.');
  expect(told('lease_over')).toContain('*Ended*: its time had come');
  expect(told('frozen')).toContain('*Frozen*: <@U0KARI> froze the actions `sql.*`');
});

describe('a reminder', () => {
  const scene = { ...moreScenes.two_parts, events: [] };
  const reminding = { requirement: { ...moreScenes.sequential.requirement, remind_after_seconds: 900 } };
  const keys = (now: number) => thread({ ...scene, now }).map(({ key }) => key);
  test('is said once its time has come, to those who are asked now', () => {
    expect(keys(899)).toEqual([]);
    expect(keys(900)).toEqual(['reminder:1']);
    expect(texts({ ...moreScenes.sequential, ...reminding, now: 900 })[1]).toContain('answer  ·  <@U0NOOR>');
    expect(texts({ ...scene, now: 900 })[0]).toContain('<@U0DANA>, <@U0NOOR>, <@U0INES>, <@U0OLA>');
  });
  test('is not said of what no longer waits', () => {
    expect(keys(3601)).not.toContain('reminder:1');
  });
});

test('each asking has its own lines, and calls those whose approvals count no more', () => {
  const drifted = thread(moreScenes.drifted);
  const asked = drifted.find(({ key }) => key === 'asked:2');
  expect(asked?.text).toContain('what it would do has changed');
  expect(asked?.text).toContain('<@U0DANA> and <@U0NOOR>');
  expect(wordsOf(asked?.blocks ?? [])).toContain('customers.phone as well');
  const later = thread({ ...moreScenes.drifted, now: 400 + 1800 }).map(({ key }) => key);
  expect(later).toContain('escalation:2:0');
  expect(texts(moreScenes.asked_again).join('\n')).toContain('it did not run in time');
});

test('a refusal that comes again with every try is one line, and a limit is told as what holds it', () => {
  const again = (code: string, after: number): readonly SceneEvent[] => [
    { kind: 'start', after, seconds: 60 },
    { kind: 'finish', after: after + 1, outcome: 'refused', code },
  ];
  const { events } = stateScenes.approved;
  const keys = (code: string) =>
    thread({
      ...stateScenes.approved,
      events: [...events, ...again(code, 301), ...again(code, 310)],
      now: 320,
    })
      .map(({ key }) => key)
      .filter((key) => !key.startsWith('sha256:'));
  expect(keys('start_outdated')).toEqual(['refused:start_outdated']);
  expect(keys('limit_reached')).toEqual(['held:limit']);
});

test.each(Object.entries(moreScenes))('%s: hostile reasons and names stay text', (_, scene: Scene) => {
  const attack = '<!channel> <https://evil|ok> `*_~\u202e';
  const events = scene.events.map((event) => ('reason' in event ? { ...event, reason: attack } : event));
  const faces = Object.fromEntries(
    Object.keys(scene.faces).map((id) => [id, { name: attack.repeat(5), mention: null }]),
  );
  const attacked = { ...scene, events, faces, drift: [attack.repeat(30), attack] };
  const input = cardInput(attacked);
  const messages = [renderCard(input), ...renderThread(input)];
  for (const message of messages) {
    expect(faultsOfMessage(message)).toEqual([]);
    const markup = JSON.stringify(message.blocks).match(/"type":"mrkdwn","text":"(\\.|[^"])*"/g) ?? [];
    for (const text of [...markup, message.text]) {
      expect(text).not.toContain('<!channel>');
      expect(text).not.toContain('<https://evil');
      expect(text).not.toContain('\u202e');
    }
  }
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
    if (['pending', 'approved', 'lapsed', 'running', 'allowed'].includes(state))
      return expect(message).toBeNull();
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
  ['typed_mismatch', 'not the name of what would be touched'],
  ['own_key_required', '`npx assent approve`'],
  ['already_denied', 'a denial stands'],
  ['request_lapsed', 'about to be asked anew'],
  ['some_new_code', 'some new code'],
])('a click refused as %s is told why', (code, words) => {
  const { policy } = cardInput(exportScene);
  const answer = renderRefusedClick({ act: 'approve', code, policy, person: 'maya' });
  expect(answer).toContain('Your approval was not counted: ');
  expect(answer).toContain(words);
});
