/** Where a request stands, in words: what holds it, what was decided and tried, what ran, and what people say of it. */
import { wrap } from './layout.ts';
import { whyRefused } from './refusal-words.ts';
import { bullet, requirementLines } from './requirement-lines.ts';
import { type Looked, type Standing, standingOf, type ToldDecision } from './standing.ts';
import { shortTime } from './time.ts';
import { visible } from './visible.ts';

export function standingLines(subject: Looked, columns: number): readonly string[] {
  const standing = standingOf(subject);
  const sections: readonly (readonly string[])[] = [
    wrap(visible(`Verified here, by your own trust, policy and directory: ${stateWords(standing)}`), columns),
    titled('What policy says now', policyWords(standing), columns),
    titled('Asked anew', revisionWords(standing), columns),
    requirementLines(subject, columns),
    titled('Decisions', standing.decisions.map(decisionWords), columns),
    titled('Released by one alone', glassWords(standing), columns),
    titled('Execution, by the executor’s word', executionWords(standing), columns),
    titled('Execution, by a person’s word', settlementWords(standing), columns),
    titled('It has an end', leaseWords(standing), columns),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines) => [...lines, ''])
    .slice(0, -1);
}

function titled(title: string, texts: readonly string[], columns: number): readonly string[] {
  return texts.length === 0 ? [] : [title, ...texts.flatMap((text) => bullet(text, columns))];
}

function stateWords({ state, hold }: Standing): string {
  const word = state.replaceAll('_', ' ');
  if (hold === null) return `${word}.`;
  const opens = hold.opens === null ? '' : ` It may run from ${timeOf(hold.opens)}.`;
  return `${word}${state === 'held' ? '' : ', and held'}: ${hold.words.replace(/\.$/, '')}.${opens}`;
}

/** Where people are asked, the requirement says it. */
function policyWords({ effect, explanation }: Standing): readonly string[] {
  return effect === 'require_approval' ? [] : explanation;
}

function revisionWords({ revisions }: Standing): readonly string[] {
  return revisions
    .filter(({ revision }) => revision > 1)
    .map(({ revision, at, changed }) => {
      const what = changed.length === 0 ? 'nothing changed' : changed.join('; ');
      return `${timeOf(at)}, revision ${revision}: ${what}`;
    });
}

const ACTS: Readonly<Record<string, readonly [did: string, tried: string]>> = {
  approve: ['approves', 'tries to approve'],
  deny: ['denies', 'tries to deny'],
  defer: ['hands it on', 'tries to hand it on'],
};

function decisionWords({ person, verdict, to, code, reason, at, account }: ToldDecision): string {
  const who = person ?? `somebody unknown (${account})`;
  const [did = verdict, tried = verdict] = ACTS[verdict] ?? [];
  const counts = WEIGH.has(code);
  const act = `${timeOf(at)}: ${who} ${counts ? did : tried}${to === null ? '' : ` to ${to}`}`;
  const weight = counts ? '' : `, which does not count: ${LAPSED[code] ?? whyRefused(code)}`;
  return `${act}${weight}${because(reason)}`;
}

const WEIGH: ReadonlySet<string> = new Set(['counts', 'deferred']);
/** Of what counted when it was said. */
const LAPSED: Readonly<Record<string, string>> = {
  binds_other: 'it was of what stood before',
  not_eligible: 'not among the people who may decide it',
  before_preview: 'it was said before there was anything to decide',
  after_deadline: 'it came too late',
  person_unknown: 'the account is bound to nobody',
  already_approved: 'approved already, and each person counts once',
  already_denied: 'denied already, and a denial stands',
  not_asked_yet: 'asked only later',
};

function glassWords({ glass }: Standing): readonly string[] {
  if (glass === null) return [];
  const { broken, review } = glass;
  const said = `${timeOf(broken.at)}: ${broken.person ?? '?'} broke the glass${because(broken.reason)}`;
  if (review === null) return [said, 'The review of that is open: nobody has answered it yet.'];
  const found = review.justified ? 'justified' : 'not justified';
  return [said, `${timeOf(review.at)}: ${review.person ?? '?'} finds it ${found}${because(review.reason)}`];
}

function executionWords({ execution, state }: Standing): readonly string[] {
  if (execution === null) return [];
  const { started_at, deadline, outcome, code, finished_at } = execution;
  const began = `${timeOf(started_at)}: it begins`;
  if (outcome === null || finished_at === null) {
    const silent =
      state === 'running'
        ? `unknown if not ended by ${timeOf(deadline)}`
        : 'no word on how it ended: unknown';
    return [began, silent];
  }
  const how =
    outcome === 'refused'
      ? `refused before it ran: ${code}`
      : `it ${outcome}${code === outcome ? '' : `: ${code}`}`;
  return [began, `${timeOf(finished_at)}: ${how}`];
}

function settlementWords({ settlement }: Standing): readonly string[] {
  if (settlement === null) return [];
  const { person, ran, reason, at } = settlement;
  return [`${timeOf(at)}: ${person ?? '?'} says that it ${ran ? 'ran' : 'did not run'}${because(reason)}`];
}

function leaseWords({ lease, state }: Standing): readonly string[] {
  if (lease === null) return [];
  const { until, revoked, ended_at } = lease;
  const early =
    revoked === null
      ? []
      : [`${timeOf(revoked.at)}: ${revoked.person ?? '?'} ends it early${because(revoked.reason)}`];
  if (ended_at !== null) return [...early, `${timeOf(ended_at)}: it has ended, by the executor’s word`];
  return [...early, state === 'active' ? `in force until ${timeOf(until)}` : `until ${timeOf(until)}`];
}

function timeOf(at: string): string {
  return `${shortTime(at)} UTC`;
}

function because(reason: string | null): string {
  return reason === null ? '' : `: “${reason}”`;
}
