/** `assent policy explain`: what the policy says of one request, and why. */
import type { JsonObject, PolicyDecision, RequestStatement } from '../client/vocabulary.ts';
import { givenRequest } from '../policy/given-request.ts';
import { loadGuard } from '../policy/guard.ts';
import { eligibleBy, heldAt, partsOf } from '../policy/outline.ts';
import { directoryArg, examinerOf, guardFiles, policyArg, registryOf } from './judging.ts';
import { field, wrap } from './layout.ts';
import { momentOption } from './moment-option.ts';
import { readInput } from './read-input.ts';
import type { Answer, Terminal } from './terminal.ts';
import { shortTime } from './time.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';

export const policyExplain = (terminal: Terminal): Word =>
  one({
    name: 'assent policy explain',
    description: 'Say what the policy says of a request, and why',
    args: {
      request: { type: 'positional', required: true, description: 'A request as JSON; - is stdin' },
      preview: { type: 'string', valueHint: 'file', description: 'The facts of its preview, as JSON' },
      now: { type: 'string', valueHint: 'time', description: 'As of then: 2026-12-24T12:00:00+01:00' },
      policy: policyArg,
      directory: directoryArg,
    },
    run: async (args) => {
      const now = args.now === undefined ? new Date(terminal.now()) : momentOption('--now', args.now);
      const files = guardFiles(terminal, args);
      const request = givenRequest(await readInput(args.request, terminal, 'a request'), now);
      const preview =
        args.preview === undefined ? null : await readInput(args.preview, terminal, "a preview's facts");
      const [guard, registry] = await Promise.all([loadGuard(files), registryOf(terminal)]);
      const { resource } = examinerOf(registry)(request.action.name, request.action.input);
      const policy = guard.evaluate({ request, resource, preview, delegations: [], now });
      return explainAnswer({ request, resource, preview, policy, now }, terminal.columns);
    },
  });

export interface Explained {
  readonly request: RequestStatement;
  readonly resource: JsonObject;
  readonly preview: JsonObject | null;
  readonly policy: PolicyDecision;
  readonly now: Date;
}

export function explainAnswer(explained: Explained, columns: number): Answer {
  const { request, resource, preview, policy, now } = explained;
  const { effect, code, rule, rule_digest, policy_digest, directory_digest, needs_preview } = policy;
  const { requirement, release, powers, explanation } = policy;
  return {
    positive: effect !== 'deny',
    document: {
      effect,
      rule,
      policy_digest,
      approvals: partsOf(requirement?.approvals ?? [], ({ from, count, people }) => ({
        from,
        count,
        people,
      })),
      eligible: eligibleBy(policy),
      excluded: requirement?.excluded ?? [],
      explanation,
      code,
      needs_preview,
      rule_digest,
      directory_digest,
      agent: request.agent,
      action: request.action,
      claims: request.claims,
      resource,
      preview,
      now: now.toISOString(),
      requirement,
      release,
      held: heldAt(policy, now),
      powers,
    },
    lines: explainLines(explained, columns),
  };
}

function explainLines({ request, policy, now }: Explained, columns: number): readonly string[] {
  const { effect, code, rule, policy_digest, directory_digest, explanation, needs_preview } = policy;
  const line = (name: string, value: string) => field(name, visible(value), columns);
  const short = (digest: string) => digest.slice('sha256:'.length, 'sha256:'.length + 12);
  return [
    ...line(
      'Asked',
      `${request.agent} asks for ${request.action.name}, as of ${shortTime(now.toISOString())} UTC`,
    ),
    ...line('Answer', `${effect}${rule === null ? '' : ` by rule ${rule}`} (${code})`),
    ...(effect === 'deny' ? [] : line('Runs', runWords(policy, now))),
    ...line('By', `policy ${short(policy_digest)}, directory ${short(directory_digest)}`),
    '',
    ...explanation.flatMap((sentence) => wrap(visible(sentence), columns)),
    ...(needs_preview ? ['', 'Give the facts of its preview: --preview FILE'] : []),
  ];
}

function runWords(policy: PolicyDecision, now: Date): string {
  const when = policy.effect === 'allow' ? 'at once' : 'as soon as it is approved';
  const held = heldAt(policy, now);
  if (held === null) return when;
  const next = held.opens === null ? 'not within a year' : `from ${shortTime(held.opens)} UTC`;
  return `${when}, and ${next}: held now (${held.code})`;
}
