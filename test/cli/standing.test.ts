/** Where a request stands, told in 80 columns: by statements that real keys signed. */
import { expect, test } from 'vitest';
import { standingsOf } from '../../approval/state.ts';
import type { Verified } from '../../approval/types.ts';
import { standingOf } from '../../cli/standing.ts';
import { standingLines } from '../../cli/standing-lines.ts';
import {
  allowing,
  asking,
  at,
  decisionOf,
  escalation,
  finishOf,
  instructionOf,
  part,
  previewOf,
  refusedStanding,
  requestOf,
  situationOf,
  startOf,
  type Told,
} from '../approval/world.ts';
import { widthOf } from './terminal.ts';

const request = requestOf();
const subject = request.statement.request_id;
const start = startOf(request, 100);

function look(told: Told) {
  const situation = situationOf(told);
  return { ...situation, preview: situation.dossier.preview, standings: standingsOf(situation) };
}

/** Without the way that lines are broken. */
function wordsOf(told: Told): string {
  const lines = standingLines(look(told), 80);
  expect(widthOf(lines.join('\n'))).toBeLessThanOrEqual(80);
  expect(lines.join('\n')).not.toMatch(/[^\P{C}\n]/u);
  return lines.join('\n').replaceAll(/\s+/g, ' ');
}

const broken = instructionOf({
  verb: 'break_glass',
  subject,
  detail: { action_digest: request.digest, preview_digest: previewOf(request).digest },
  person: 'berit',
  reason: 'The site is \u001b[2J down',
});

test('a requirement in its parts, with who stands for whom and who may not', () => {
  const policy = asking({
    approvals: [part(1, ['kari', 'ola'], ['owners']), part(2, ['per', 'siv', 'ola'], ['security'])],
    order: 'sequential',
    denials: 2,
    require: ['reason', 'own_key'],
    escalations: [escalation(1800, ['siv'])],
    excluded: [{ person: 'mia', why: 'the agent asks on their behalf' }],
    deputies: [{ principal: 'per', delegate: 'tor', delegation: null }],
  });
  const words = wordsOf({ policy });
  expect(words).toContain('pending.');
  expect(words).toContain('one after the other');
  expect(words).toContain('1 from owners: 0 so far; asked now: kari and ola');
  expect(words).toContain('2 from security: 0 so far; asked once those before are met');
  expect(words).toContain('An approval takes a reason and the approver’s own key.');
  expect(words).toContain('It takes 2 denials to end it.');
  expect(words).toContain('tor stands for per (out of office).');
  expect(words).toContain('mia may not decide: the agent asks on their behalf');
});

test('what was decided, what was tried, and what was of something that stands no more', () => {
  const policy = asking();
  const preview = previewOf(request);
  const bound = { request, preview, policy };
  const decisions = [
    decisionOf(bound, { reason: 'Fine' }),
    decisionOf(bound, { person: 'mia', standing: refusedStanding('excluded'), decided_at: at(61) }),
    decisionOf(bound, { person: 'ola', rule_digest: `sha256:${'0'.repeat(64)}`, decided_at: at(62) }),
    decisionOf(bound, { person: 'per', verdict: 'defer', to: 'ola', decided_at: at(63) }),
  ];
  const told = { policy, dossier: { previews: [preview], decisions } };
  expect(standingOf(look(told)).decisions.map(({ code }) => code)).toEqual([
    'counts',
    'excluded',
    'binds_other',
    'deferred',
  ]);
  const words = wordsOf(told);
  expect(words).toContain('kari approves: “Fine”');
  expect(words).toContain('mia tries to approve, which does not count: separation of duties');
  expect(words).toContain('ola tries to approve, which does not count: it was of what stood before');
  expect(words).toContain('per hands it on to ola');
});

test('what was asked anew, and what had changed', () => {
  const again = previewOf(request, { revision: 2, facts: { rows: 2000 }, previewed_at: at(50) });
  const words = wordsOf({
    dossier: { previews: [previewOf(request), again] },
    examined: { drift: () => ['1,204 rows before, 2,000 now'] },
  });
  expect(words).toContain('Asked anew - 2026-03-02 09:00:50 UTC, revision 2: 1,204 rows before, 2,000 now');
});

test('a broken glass, its review open and then answered', () => {
  const open = wordsOf({ dossier: { instructions: [broken] } });
  expect(open).toContain('berit broke the glass: “The site is ⟦U+001B⟧[2J down”');
  expect(open).toContain('The review of that is open');
  const review = instructionOf({
    verb: 'review',
    subject,
    detail: { break_glass: broken.digest, justified: false },
    person: 'siv',
    reason: 'It was up',
  });
  const answered = wordsOf({ dossier: { instructions: [broken, review] } });
  expect(answered).toContain('siv finds it not justified: “It was up”');
  expect(answered).not.toContain('is open');
});

test('a person’s word on an unknown outcome, apart from the executor’s', () => {
  const settled = instructionOf({
    verb: 'settle',
    subject,
    detail: { start: start.digest, ran: false },
    reason: 'No row has changed',
  });
  const told = (instructions: readonly Verified<'instruction'>[]) =>
    wordsOf({ seconds: 600, dossier: { starts: [start], instructions } });
  expect(told([])).toContain('no word on how it ended: unknown');
  expect(told([])).not.toContain('a person’s word');
  const words = told([settled]);
  expect(words).toContain('no word on how it ended: unknown');
  expect(words).toContain(
    'Execution, by a person’s word - 2026-03-02 09:00:20 UTC: kari says that it did not run',
  );
});

test('what ends by itself: until when, ended early by whom, and ended', () => {
  const examined = { endsAfter: 3600 };
  const told = (
    finishes: readonly Verified<'finish'>[],
    instructions: readonly Verified<'instruction'>[] = [],
  ) =>
    wordsOf({
      policy: allowing,
      examined,
      seconds: 300,
      dossier: { starts: [start], finishes, instructions },
    });
  const ran = finishOf(start);
  expect(told([ran])).toContain('active.');
  expect(told([ran])).toContain('in force until 2026-03-02 10:01:40 UTC');
  const revoked = instructionOf({ verb: 'revoke', subject, detail: { of: 'lease' }, reason: 'Done early' });
  expect(told([ran], [revoked])).toContain('kari ends it early: “Done early” - in force until');
  const over = finishOf(start, { code: 'revoked', finished_at: at(200) });
  expect(told([ran, over], [revoked])).toContain(
    '2026-03-02 09:03:20 UTC: it has ended, by the executor’s word',
  );
});

test('what holds it', () => {
  const not_before = at(9000);
  const words = wordsOf({ policy: asking({}, { not_before }) });
  expect(words).toContain(
    'pending, and held: It may not run before 2026-03-02T11:30:00.000Z. It may run from',
  );
});
