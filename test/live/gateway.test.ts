/** The gateway as Slack and its people meet it: what is refused at the border, and what each click comes to. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOfJson } from '../../approval/digest.ts';
import { openStatement, signStatement } from '../../approval/statements.ts';
import type { Digest, Envelope, InstructionStatement } from '../../approval/types.ts';
import { cardDigest } from '../../approval/view.ts';
import { postingsOf } from '../../book/postings.ts';
import { BUTTONS, INPUTS, printButtonValue } from '../../channels/slack/card-reference.ts';
import { MAX_INTERACTION_BYTES } from '../../channels/slack/interaction.ts';
import { SLACK_PATH } from '../../gateway/app.ts';
import { MAX_STATEMENT_BYTES, STATEMENTS_PATH } from '../../gateway/statements.ts';
import { type Move, reasonOf, type Step, type Vector, vectors } from '../gateway/decision-vectors.ts';
import { AGENT, type Handle, SIGNERS, type Signer, userOf } from '../rig/house.ts';
import { type AskedCard, type Rig, startRig } from '../rig/rig.ts';
import { clickOf, denialOf, form, signedHeaders, slackTime } from '../rig/slack-body.ts';
import { until } from '../rig/until.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig('gateway');
});
afterAll(() => rig?.stop());

const decisionsOf = async (requestId: string) =>
  (await rig.book.statements(requestId)).booked.flatMap(({ kind, envelope }) =>
    kind === 'decision'
      ? [
          openStatement('decision', envelope, {
            keys: rig.judge().ring.gateway,
            audience: rig.judge().ring.audience,
          }),
        ]
      : [],
  );

const whispersTo = async (person: Handle) =>
  (await rig.slack.messages()).filter(({ ephemeral_to }) => ephemeral_to === userOf(person));

async function codeOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? null : JSON.parse(text).code;
}

/** What somebody says now. */
const spoken = () => ({
  audience: rig.judge().ring.audience,
  reason: 'Because.',
  issued_at: new Date().toISOString(),
  expires_at: new Date(Date.now() + 300_000).toISOString(),
});

/** Signed by who takes it that they may, once there is something to decide. */
async function ownDecision(requestId: string, person: Signer, move: Move): Promise<Envelope> {
  const { content, preview, policy, dossier } = await until('people are asked', async () => {
    const found = await rig.standing(requestId);
    return found.content === null ? undefined : { ...found, content: found.content };
  });
  if (preview === null) throw new Error('nothing was previewed');
  const current = move.card === undefined ? cardDigest(content) : digestOfJson('another card');
  const { denials = 1 } = policy.requirement ?? {};
  const statement = {
    audience: rig.judge().ring.audience,
    request_id: requestId,
    action_digest: dossier.request.digest,
    preview_digest: preview.digest,
    rule_digest: policy.rule_digest,
    card_digest: current,
    verdict: move.verdict,
    to: move.to ?? null,
    person,
    standing: { eligible: true, code: 'eligible', denials, directory_digest: policy.directory_digest },
    channel: { name: 'own_key', account: rig.keys[person].keyid },
    typed: move.typed ?? null,
    reason: reasonOf(move),
    decided_at: new Date().toISOString(),
  };
  return signStatement('decision', statement, rig.keys[person]).envelope;
}

describe('the border', () => {
  let asked: AskedCard;
  beforeAll(async () => {
    asked = await rig.askCard();
  });

  const send = (body: string, headers: Record<string, string>, method = 'POST') =>
    fetch(`${rig.stack.gateway}${SLACK_PATH}`, { method, headers, ...(method === 'GET' ? {} : { body }) });
  const signed = (body: string) => signedHeaders(body, rig.slack.signingSecret);
  const click = (change: object = {}) => form(clickOf('ana', asked, 'approve', change));
  const action = (change: object) => ({
    actions: [{ action_id: BUTTONS.approve, value: printButtonValue(asked.card), ...change }],
  });

  const huge = 'x'.repeat(MAX_INTERACTION_BYTES + 1);
  const refused: readonly (readonly [string, () => Promise<Response>, number, string])[] = [
    ['no signature', () => send(click(), {}), 401, 'slack_signature_missing'],
    [
      "another app's secret",
      () => send(click(), signedHeaders(click(), 'another secret')),
      401,
      'slack_signature_invalid',
    ],
    [
      'another body than was signed',
      () => send(click({ extra: true }), signed(click())),
      401,
      'slack_signature_invalid',
    ],
    [
      'six minutes old',
      () => send(click(), signedHeaders(click(), rig.slack.signingSecret, slackTime(-360))),
      401,
      'slack_stale',
    ],
    [
      'six minutes ahead',
      () => send(click(), signedHeaders(click(), rig.slack.signingSecret, slackTime(360))),
      401,
      'slack_stale',
    ],
    [
      'a time that is no number',
      () => send(click(), signedHeaders(click(), rig.slack.signingSecret, 'now')),
      401,
      'slack_timestamp_invalid',
    ],
    [
      'a time in hexadecimal',
      () => send(click(), signedHeaders(click(), rig.slack.signingSecret, '0x65a0bc00')),
      401,
      'slack_timestamp_invalid',
    ],
    [
      'larger than 1 MiB',
      // The gateway hangs up on it, so no later request may come over the same connection.
      () => send(huge, { ...signed(huge), connection: 'close' }),
      413,
      'body_too_large',
    ],
    ['no form', () => send('payload', signed('payload')), 400, 'interaction_malformed'],
    ['a form without JSON', () => send('payload=%7B', signed('payload=%7B')), 400, 'interaction_malformed'],
    [
      'two payloads',
      () => send(`${click()}&${click()}`, signed(`${click()}&${click()}`)),
      400,
      'interaction_malformed',
    ],
    ['an empty body', () => send('', signed('')), 400, 'interaction_malformed'],
    ['nothing that Slack sends', () => rig.post({ type: 'shortcut' }), 400, 'interaction_unknown'],
    [
      'a button that no card has',
      () => rig.post(clickOf('ana', asked, 'approve', action({ action_id: 'assent.force' }))),
      400,
      'interaction_unknown',
    ],
    [
      'a button whose value is not ours',
      () => rig.post(clickOf('ana', asked, 'approve', action({ value: '{"request_id":"1"}' }))),
      400,
      'interaction_malformed',
    ],
    [
      'a user id that Slack has not',
      () => rig.post(clickOf('ana', asked, 'approve', { user: { id: 'U0ANA/../U0BEN' } })),
      400,
      'interaction_malformed',
    ],
    [
      'no workspace',
      () => rig.post(clickOf('ana', asked, 'approve', { team: null })),
      400,
      'interaction_no_team',
    ],
    ['another method', () => send('', {}, 'PUT'), 405, 'method_not_allowed'],
    ['a look', () => send('', {}, 'GET'), 405, 'method_not_allowed'],
    ['another path', () => fetch(`${rig.stack.gateway}/slack`), 404, 'not_found'],
  ];

  test.each(refused)('%s: refused, and nothing is booked', async (_, attempt, status, code) => {
    const before = (await rig.book.statements(asked.requestId)).booked.length;
    const response = await attempt();
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
    expect((await rig.book.statements(asked.requestId)).booked).toHaveLength(before);
  });

  test.each([
    ['is blank', '  ', 'This needs a reason: say why.'],
    ['is too long', 'x'.repeat(1001), 'The reason has more than 1000 characters.'],
  ])('a reason that %s is told in the form, and nothing is booked', async (_, reason, said) => {
    const before = (await rig.book.statements(asked.requestId)).booked.length;
    const response = await rig.post(denialOf('ana', asked, reason));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ response_action: 'errors', errors: { reason: said } });
    expect((await rig.book.statements(asked.requestId)).booked).toHaveLength(before);
  });

  test('an event is taken note of, and does nothing', async () => {
    const body = JSON.stringify({ type: 'event_callback', event: { type: 'message', text: 'approve' } });
    const response = await send(body, { ...signed(body), 'content-type': 'application/json' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await decisionsOf(asked.requestId)).toEqual([]);
  });

  test('an account of another workspace gets no say', async () => {
    const response = await rig.post(
      clickOf('ana', asked, 'approve', { user: { id: userOf('ana'), team_id: 'T0ELSEWHERE' } }),
    );
    expect(response.status).toBe(200);
    const [decision] = await decisionsOf(asked.requestId);
    expect(decision?.statement).toMatchObject({ person: null, standing: { code: 'account_foreign_team' } });
    await rig.slack.until(async () => (await whispersTo('ana')).at(-1));
  });

  test('a request that nobody made gets a private answer and no page in the book', async () => {
    const card = { ...asked.card, request_id: 'f'.repeat(64) };
    const before = (await whispersTo('ana')).length;
    expect((await rig.approve('ana', { ...asked, card })).status).toBe(200);
    const said = await rig.slack.until(async () => (await whispersTo('ana'))[before]);
    expect(said.text).toContain('knows no such request');
    expect((await rig.book.statements(card.request_id)).booked).toEqual([]);
  });

  test('a body that is played again decides nothing again; its content type is not signed, so nobody reads it', async () => {
    const two = await rig.askCard({ rule: 'two' });
    const body = form(clickOf('ana', two, 'approve'));
    const headers = { ...signed(body), 'content-type': 'text/plain' };
    for (let time = 0; time < 3; time++) expect((await send(body, headers)).status).toBe(200);
    const codes = (await decisionsOf(two.requestId)).map(({ statement }) => statement.standing.code);
    expect(codes).toEqual(['eligible', 'already_approved']);
    const { standings } = await rig.standing(two.requestId);
    expect([standings.state, standings.tally?.approvals.length]).toEqual(['pending', 1]);
  });

  test('says that it lives and is ready', async () => {
    const alive = await fetch(`${rig.stack.gateway}/healthz`);
    const ready = await fetch(`${rig.stack.gateway}/readyz`);
    expect([alive.status, await alive.json()]).toEqual([200, { status: 'alive' }]);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  });
});

describe('people, by the same table as every channel', () => {
  const asked = new Map<Vector, AskedCard>();
  // What must be said too early is asked for when its turn comes.
  const inTime = vectors.filter(
    ({ rule, before: [first] }) => rule !== 'steps' || (first && 'until' in first),
  );
  beforeAll(async () => {
    const all = await Promise.all(inTime.map(({ rule }) => rig.ask({ rule })));
    for (const [index, vector] of inTime.entries()) {
      const one = all[index];
      if (one !== undefined) asked.set(vector, await rig.card(one));
    }
  });

  const placeOf = (card: AskedCard, { card: stale }: Move): AskedCard =>
    stale === undefined
      ? card
      : { ...card, card: { ...card.card, card_digest: digestOfJson('another card') } };

  const decide = (card: AskedCard, rule: Vector['rule'], move: Move): Promise<Response> => {
    const place = placeOf(card, move);
    const { person, verdict, to, typed } = move;
    const reason = reasonOf(move);
    const inputs = { ...(reason === null ? {} : { reason }), ...(typed === undefined ? {} : { typed }) };
    if (verdict === 'defer')
      return rig.submit(person, place, 'defer', { ...inputs, to: userOf(to ?? person) });
    if (verdict === 'deny') return rig.submit(person, place, 'deny', inputs);
    // Where the rule asks for more than a click, that opens a modal.
    const asksMore = rule === 'reasoned' || rule === 'typed';
    return asksMore ? rig.submit(person, place, 'approve', inputs) : rig.approve(person, place);
  };

  const step = async (card: AskedCard, rule: Vector['rule'], one: Step): Promise<unknown> => {
    if (!('until' in one)) return decide(card, rule, one);
    if (one.until === 'succeeded') return rig.cardSays(card, 'Approved and done');
    if (one.until === 'expired') return rig.cardSays(card, 'Expired');
    return rig.slack.until(async () =>
      (await rig.messagesOf(card)).find(({ text }) => text.includes('may decide now too')),
    );
  };

  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const { rule, before, move, code, approvals, state } = vector;
    const card = asked.get(vector) ?? (await rig.askCard({ rule }));
    for (const one of before) await step(card, rule, one);
    const whispered = (await whispersTo(move.person)).length;

    const response = await decide(card, rule, move);
    expect(response.status).toBe(200);
    const last = (await decisionsOf(card.requestId)).at(-1)?.statement;
    expect(last?.standing.code).toBe(code);
    expect(last?.verdict).toBe(move.verdict);
    const { standings } = await rig.standing(card.requestId);
    expect(standings.tally?.approvals.length).toBe(approvals);
    if (state !== undefined) expect(standings.state).toBe(state);

    // An effect on the card's thread, or a private answer.
    if (code === 'eligible') {
      const did = { approve: '*approved* this', deny: '*denied* this', defer: '*handed this over*' }[
        move.verdict
      ];
      await rig.slack.until(async () =>
        (await rig.messagesOf(card)).find(
          ({ text }) => text.includes(`<@${userOf(move.person)}>`) && text.includes(did),
        ),
      );
      return;
    }
    const refusal = {
      approve: 'Your approval was not counted',
      deny: 'Your denial was not counted',
      defer: 'It was not handed over',
    }[move.verdict];
    const answer = await response.text();
    const inModal = move.verdict !== 'approve' || move.typed !== undefined;
    if (inModal) {
      expect(JSON.parse(answer)).toMatchObject({ response_action: 'errors' });
      expect(answer).toContain(refusal);
    } else {
      const said = await rig.slack.until(async () => (await whispersTo(move.person))[whispered]);
      expect(said.text).toContain(refusal);
    }
  });

  test('nothing ran but what was approved, and that once', async () => {
    for (const [vector, { id, requestId }] of asked) {
      const { standings } = await until('the request came to rest', async () => {
        const subject = await rig.standing(requestId);
        return ['approved', 'running'].includes(subject.standings.state) ? undefined : subject;
      });
      const approved = standings.tally?.verdict === 'approved';
      expect([vector.name, await rig.runs(id)]).toEqual([vector.name, approved ? 1 : 0]);
    }
  });
});

describe('people with a key of their own, by the same table', () => {
  // One of each kind: all of them are held to the gate without a stack.
  const kinds = new Map<string, Vector & { readonly person: Signer }>();
  for (const vector of vectors) {
    const { rule, before, move, code } = vector;
    const person = SIGNERS.find((signer) => signer === move.person);
    const kind = `${rule} ${move.verdict} ${code}`;
    if (person !== undefined && before.length === 0 && !kinds.has(kind))
      kinds.set(kind, { ...vector, person });
  }
  const own = [...kinds.values()];
  const asked = new Map<string, { readonly id: string; readonly requestId: string }>();
  // Another agent: each may have the executor look only so often.
  const ask = async (rule: string) => {
    const id = `job-${randomUUID()}`;
    const input = { rule, id, hold: false };
    return { id, ...(await rig.rival.request({ key: id, action: 'test.work', input, onBehalfOf: 'mia' })) };
  };
  beforeAll(async () => {
    for (const { name, rule } of own) asked.set(name, await ask(rule));
  });

  test.each(own.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const { person, move, state } = vector;
    const { code, approvals } = vector.signed ?? vector;
    const { requestId } = asked.get(vector.name) ?? (await ask(vector.rule));
    const envelope = await ownDecision(requestId, person, move);
    const response = await rig.say(envelope);
    expect([response.status, await response.json()]).toMatchObject([
      code === 'eligible' ? 200 : 403,
      { code, outcome: 'booked', digest: expect.stringMatching(/^sha256:/) },
    ]);
    const last = (await decisionsOf(requestId)).at(-1)?.statement;
    expect(last).toMatchObject({ person, verdict: move.verdict, standing: { code } });
    const { standings } = await rig.standing(requestId);
    expect(standings.tally?.approvals.length).toBe(approvals);
    if (state !== undefined && vector.signed === undefined) expect(standings.state).toBe(state);
  });

  test('what was approved by a signature of their own ran, and nothing else', async () => {
    for (const { name, signed, approvals } of own) {
      const one = asked.get(name);
      if (one === undefined) continue;
      const ran = (await rig.standing(one.requestId)).standings.tally?.verdict === 'approved';
      expect([name, ran]).toEqual([
        name,
        (signed?.approvals ?? approvals) > 0 && !name.includes('first of two'),
      ]);
      if (ran) await until('it ran', async () => ((await rig.runs(one.id)) === 1 ? true : undefined));
      expect([name, await rig.runs(one.id)]).toEqual([name, ran ? 1 : 0]);
    }
  });

  test('what is no statement is refused with a code, and nothing is booked', async () => {
    const { requestId } = await ask('one');
    const envelope = await ownDecision(requestId, 'ana', { person: 'ana', verdict: 'approve' });
    const before = (await rig.book.statements(requestId)).booked.length;
    const refused: readonly (readonly [unknown, number, string])[] = [
      [{}, 400, 'envelope_malformed'],
      [{ ...envelope, payloadType: 'application/vnd.assent.start.v1+json' }, 422, 'statement_not_taken'],
      [{ ...envelope, payload: Buffer.from('{}').toString('base64') }, 401, 'signature_invalid'],
      [
        { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] },
        400,
        'statement_countersigned',
      ],
    ];
    for (const [body, status, code] of refused) {
      const response = await rig.say(body);
      expect([response.status, await codeOf(response)]).toEqual([status, code]);
    }
    const huge = await fetch(`${rig.stack.gateway}${STATEMENTS_PATH}`, {
      method: 'POST',
      headers: { connection: 'close' },
      body: 'x'.repeat(MAX_STATEMENT_BYTES + 1),
    });
    expect([huge.status, await codeOf(huge)]).toEqual([413, 'body_too_large']);
    const look = await fetch(`${rig.stack.gateway}${STATEMENTS_PATH}`);
    expect([look.status, await codeOf(look)]).toEqual([405, 'method_not_allowed']);
    expect((await rig.book.statements(requestId)).booked).toHaveLength(before);
  });

  test('a withdrawal that the agent signed ends the request, and its workflow hears of it', async () => {
    const card = await rig.askCard();
    const withdraw = {
      verb: 'withdraw',
      subject: card.requestId,
      detail: { agent: AGENT },
      person: null,
    } as const;
    const { envelope } = signStatement('instruction', { ...spoken(), ...withdraw }, rig.agentKey);
    expect(await (await rig.say(envelope)).json()).toMatchObject({ outcome: 'booked', code: 'eligible' });
    expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'withdrawn', reason: 'Because.' });
    await rig.cardSays(card, 'Withdrawn');
  });
});

describe('what operators say', () => {
  const freeze = async (): Promise<Digest> => {
    const everything = { subject: 'everything', detail: { scope: { of: 'everything' } } } as const;
    return told({ ...spoken(), verb: 'freeze', ...everything, person: 'dan' }, 'dan');
  };
  const told = async (statement: InstructionStatement, person: Signer): Promise<Digest> => {
    const said = signStatement('instruction', statement, rig.keys[person]);
    const response = await rig.say(said.envelope);
    expect([response.status, await response.json()]).toMatchObject([200, { code: 'eligible' }]);
    return said.digest;
  };

  test('a freeze holds what is approved, on the card too; lifting it wakes what it held', async () => {
    const card = await rig.askCard();
    const frozen = await freeze();
    await until(
      'the card says so',
      async () => JSON.stringify((await cardOf(card))?.blocks).includes('rozen') || undefined,
    );
    await rig.approve('ana', card);
    await until('it is held', async () =>
      (await rig.temporal.workflow.getHandle(card.requestId).query<{ phase: string }>('status')).phase ===
      'held'
        ? true
        : undefined,
    );
    expect(await rig.runs(card.id)).toBe(0);
    const lifted = Date.now();
    await told({ ...spoken(), verb: 'unfreeze', subject: frozen, detail: {}, person: 'olaf' }, 'olaf');
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
    expect(Date.now() - lifted).toBeLessThan(10_000);
    await rig.cardSays(card, 'Approved and done');
  });

  test('a broken glass runs it at once; its review stays open on the card until another answers it', async () => {
    const card = await rig.askCard({ rule: 'two' });
    const { dossier } = await rig.standing(card.requestId);
    const { request, preview } = dossier;
    const detail = { action_digest: request.digest, preview_digest: preview?.digest ?? null };
    const glass = { verb: 'break_glass', subject: card.requestId, detail, person: 'sam' } as const;
    await told({ ...spoken(), ...glass }, 'sam');
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
    expect(await rig.runs(card.id)).toBe(1);

    // Who broke it, and whoever may not review, are told at once; nothing opens.
    for (const person of ['sam', 'ben'] as const) {
      const before = (await whispersTo(person)).length;
      expect((await rig.post(clickOf(person, card, 'review_glass'))).status).toBe(200);
      const said = await rig.slack.until(async () => (await whispersTo(person))[before]);
      expect(said.text).toContain('Your review was not taken');
    }
    const refusals = (await rig.standing(card.requestId)).dossier.refusals.map(({ statement }) => statement);
    expect(refusals).toMatchObject([{ activity: 'instruct', step: 'review', code: 'not_eligible' }]);

    const review = { justified: 'no', reason: 'The rule was there for this.' };
    const answers = [];
    for (let time = 0; time < 2; time++) {
      answers.push(await (await rig.submit('ana', card, 'review_glass', review)).text());
    }
    expect(answers[0]).toBe('');
    expect(answers[1]).toContain('Your review was not taken');
    const { standings } = await rig.standing(card.requestId);
    expect(standings.glass?.review?.statement).toMatchObject({ person: 'ana', detail: { justified: false } });
    await until('the card says so and is tended no more', async () =>
      (await postingsOf(rig.db, card.requestId)).find(({ key }) => key === 'over'),
    );
    expect(JSON.stringify((await cardOf(card))?.blocks)).toContain('not justified');
  });

  test('an end that is none can be neither settled nor ended early, and each try is on the record', async () => {
    const card = await rig.askCard();
    for (const kind of ['settle', 'revoke'] as const) {
      const before = (await whispersTo('ana')).length;
      expect((await rig.post(clickOf('ana', card, kind))).status).toBe(200);
      await rig.slack.until(async () => (await whispersTo('ana'))[before]);
    }
    const { refusals } = (await rig.standing(card.requestId)).dossier;
    expect(refusals.map(({ statement }) => `${statement.step} ${statement.code}`)).toEqual([
      'settle request_pending',
      'revoke request_without_end',
    ]);
  });

  const cardOf = async ({ message_ts }: AskedCard) =>
    (await rig.slack.messages()).find(({ ts }) => ts === message_ts);
});

test('a card that somebody deleted is given up, and the request goes on without it', async () => {
  const card = await rig.askCard({ rule: 'two' });
  const deleted = await fetch(`${rig.faults.url}chat.delete`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rig.slack.token}` },
    body: new URLSearchParams({ channel: card.channel, ts: card.message_ts }),
  });
  expect(await deleted.json()).toMatchObject({ ok: true });
  await rig.approve('ana', card);
  await until('it is kept as gone', async () =>
    (await postingsOf(rig.db, card.requestId)).find(({ key }) => key === 'gone'),
  );
  await rig.approve('ben', card);
  expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
});

describe('clicks that race', () => {
  const codes = async ({ requestId }: AskedCard) =>
    (await decisionsOf(requestId)).map(({ statement }) => statement.standing.code).toSorted();

  test('two people where one is asked: one counts, and it runs once', async () => {
    const card = await rig.askCard();
    const answers = await Promise.all([rig.approve('ana', card), rig.approve('ben', card)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await rig.cardSays(card, 'Approved and done');
    const [first, second] = await codes(card);
    expect(first).toBe('eligible');
    expect(second).toMatch(/^request_(approved|running|succeeded)$/);
    expect(await rig.runs(card.id)).toBe(1);
  });

  test('two people where two are asked, and each of them twice: both count once, and it runs once', async () => {
    const card = await rig.askCard({ rule: 'two' });
    const people: readonly Handle[] = ['ana', 'ben', 'ana', 'ben'];
    await Promise.all(people.map((person) => rig.approve(person, card)));
    await rig.cardSays(card, 'Approved and done');
    expect((await codes(card)).filter((code) => code === 'eligible')).toHaveLength(2);
    expect((await rig.standing(card.requestId)).standings.tally?.approvals).toHaveLength(2);
    expect(await rig.runs(card.id)).toBe(1);
  });

  test('an approval and a denial: nothing runs after a denial that counts', async () => {
    const card = await rig.askCard({ rule: 'two' });
    await rig.approve('ana', card);
    await Promise.all([rig.approve('ben', card), rig.deny('ben', card, 'No.'), rig.deny('ana', card, 'No.')]);
    const { outcome } = await rig.agent.wait(card);
    const denied = (await decisionsOf(card.requestId)).some(
      ({ statement }) => statement.verdict === 'deny' && statement.standing.eligible,
    );
    expect(outcome === 'succeeded').toBe(!denied);
    expect(await rig.runs(card.id)).toBe(denied ? 0 : 1);
  });

  test('at two gateways at once: one card, each line once, and it runs once', async () => {
    const second = await rig.startGateway();
    const card = await rig.askCard({ rule: 'two' });
    await Promise.all([
      rig.approve('ana', card),
      rig.approve('ben', card, second.gateway),
      rig.approve('mia', card),
      rig.approve('dan', card, second.gateway),
      rig.approve('ana', card, second.gateway),
    ]);
    await rig.cardSays(card, 'Approved and done');
    // Both tend the cards; what they would double, they have doubled after two rounds.
    await rig.slack.until(async () =>
      (await rig.messagesOf(card)).find(({ text }) => text.includes('it ran once and succeeded')),
    );
    await second.stop();
    const texts = (await rig.messagesOf(card)).map(({ text }) => text);
    expect(texts.toSorted()).toEqual([...new Set(texts)].toSorted());
    expect(texts.filter((text) => text.includes('*approved* this'))).toHaveLength(2);
    for (const person of ['mia', 'dan'] as const) {
      const tried = `<@${userOf(person)}> tried to approve`;
      expect(texts.filter((text) => text.includes(tried))).toHaveLength(1);
    }
    expect(await rig.runs(card.id)).toBe(1);
  });
});

describe('modals, through Slack itself', () => {
  test('deny asks for a reason, and the reason is told', async () => {
    const card = await rig.askCard({ byRival: true });
    await rig.slack.interact({ person: 'ana', message: card.message_ts, actionId: BUTTONS.deny });
    expect((await rig.slack.modal())?.callback_id).toBe('assent.deny');
    const reason = { [INPUTS.reason]: { [INPUTS.reason]: 'Not on a *Friday* <!channel>' } };
    expect(await rig.slack.submit('ana', reason)).toEqual({ kind: 'closed' });
    await rig.cardSays(card, 'Denied');
    expect(await rig.agent.wait(card)).toMatchObject({
      resolution: 'denied',
      reason: 'Not on a *Friday* <!channel>',
    });
  });

  test('whoever may not deny is told at once, and asked for no reason', async () => {
    const card = await rig.askCard({ byRival: true });
    const before = (await whispersTo('mia')).length;
    const views = rig.faults.calls.filter((method) => method === 'views.open').length;
    await rig.slack.interact({ person: 'mia', message: card.message_ts, actionId: BUTTONS.deny });
    const said = await rig.slack.until(async () => (await whispersTo('mia'))[before]);
    expect(said.text).toContain('separation of duties');
    expect(rig.faults.calls.filter((method) => method === 'views.open')).toHaveLength(views);
    expect((await decisionsOf(card.requestId)).map(({ statement }) => statement.standing.code)).toEqual([
      'excluded',
    ]);
  });

  test('details show the digests whole, and decide nothing', async () => {
    const card = await rig.askCard({ byRival: true });
    await rig.slack.interact({ person: 'dan', message: card.message_ts, actionId: BUTTONS.details });
    const modal = JSON.stringify(await rig.slack.modal());
    expect(modal).toContain(card.card.card_digest);
    expect(modal).toContain(card.requestId);
    expect(await decisionsOf(card.requestId)).toEqual([]);
  });

  test('an action too long for a card is reviewed whole, and approved there', async () => {
    const note = 'n'.repeat(20_000);
    const card = await rig.askCard({ note });
    const message = await rig.cardSays(card, 'Waiting');
    expect(JSON.stringify(message.blocks)).not.toContain(`"${BUTTONS.approve}"`);
    await rig.slack.interact({ person: 'ana', message: card.message_ts, actionId: BUTTONS.review });
    expect(await rig.slack.submit('ana', {})).toEqual({ kind: 'closed' });
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
  });

  test('an action near the largest that is taken gets a card without a way to approve it unseen', async () => {
    const card = await rig.askCard({ byRival: true, note: '\u202e'.repeat(80_000) });
    const message = await rig.cardSays(card, 'Waiting');
    expect(JSON.stringify(message.blocks)).not.toContain(`"${BUTTONS.approve}"`);
    await rig.slack.interact({ person: 'ana', message: card.message_ts, actionId: BUTTONS.review });
    const modal = await rig.slack.modal();
    expect(modal).not.toHaveProperty('submit');
    expect(JSON.stringify(modal)).toContain('Too long to approve');
    await rig.deny('ana', card, 'Unreadable.');
    await rig.cardSays(card, 'Denied');
  });
});

test('a flood of signals closes the request, on the card too; a denial counts all the same', async () => {
  const card = await rig.askCard({ rule: 'two', byRival: true });
  const handle = rig.temporal.workflow.getHandle(card.requestId);
  await Promise.all(Array.from({ length: 110 }, (_, index) => handle.signal('decide', { forged: index })));
  expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'flooded' });
  await rig.cardSays(card, 'Closed as flooded');
  expect((await rig.deny('ana', card, 'No.')).status).toBe(200);
  expect(await decisionsOf(card.requestId)).toHaveLength(1);
});
