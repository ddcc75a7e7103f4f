/** The statements of a made-up story: really signed, by keys that nobody keeps. */
import { digestOfJson } from '../../approval/digest.ts';
import { freezeSubject } from '../../approval/house.ts';
import { generateSigningKey, type SigningKey } from '../../approval/keys.ts';
import { CLOSED_STEP, type Dossier } from '../../approval/state.ts';
import { signStatement } from '../../approval/statements.ts';
import type {
  DecisionStatement,
  InstructionStatement,
  JsonObject,
  PolicyDecision,
  Verified,
} from '../../approval/types.ts';
import type { Scene, SceneEvent } from './scene.ts';

type Of<K extends SceneEvent['kind']> = Extract<SceneEvent, { kind: K }>;

export const audience = 'production';
export const agent = 'report-writer';
const request_id = '4f1c2a9d'.repeat(8);
const agentKey = generateSigningKey(agent).signing;
const gatewayKey = generateSigningKey('gateway').signing;
const executorKey = generateSigningKey('executor').signing;

export interface Told {
  readonly dossier: Dossier;
  readonly freezes: readonly Verified<'instruction'>[];
}

/** All that is said in a scene, in its order. */
export function tellStory(scene: Scene, policy: PolicyDecision): Told {
  const at = (after: number) => new Date(scene.opens.getTime() + after * 1000).toISOString();
  const request = signStatement(
    'request',
    {
      audience,
      request_id,
      key: 'weekly-report',
      agent,
      action: scene.action,
      claims: scene.claims,
      attested: null,
      requested_at: at(-2),
    },
    agentKey,
  );
  const previewed = (facts: JsonObject, revision: number, after: number) => {
    const { resource } = scene;
    const bound = { audience, request_id, action_digest: request.digest };
    return signStatement(
      'preview',
      { ...bound, resource, facts, previewed_at: at(after), revision },
      executorKey,
    );
  };
  const previews = [previewed(scene.facts, 1, 0)];
  const decisions: Verified<'decision'>[] = [];
  const instructions: Verified<'instruction'>[] = [];
  const freezes: Verified<'instruction'>[] = [];
  const starts: Verified<'start'>[] = [];
  const finishes: Verified<'finish'>[] = [];
  const refusals: Verified<'refusal'>[] = [];
  const preview = () => previews.at(-1) ?? previewed(scene.facts, 1, 0);
  const broken = () => instructions.find(({ statement }) => statement.verb === 'break_glass');

  for (const event of scene.events) {
    const moment = at(event.after);
    const say = (
      said: Pick<InstructionStatement, 'verb' | 'subject' | 'detail'>,
      reason: string | null,
      person: string | null = null,
      key: SigningKey = gatewayKey,
    ) => instructionOf({ ...said, person, reason, moment }, key);
    switch (event.kind) {
      case 'approve':
      case 'deny':
      case 'defer':
        decisions.push(decisionOf(event, { request, preview: preview(), policy, moment }));
        break;
      case 'preview':
        previews.push(previewed(event.facts, previews.length + 1, event.after));
        break;
      case 'withdraw': {
        const said = { verb: 'withdraw', subject: request_id, detail: { agent } } as const;
        instructions.push(say(said, event.reason ?? null, null, agentKey));
        break;
      }
      case 'freeze': {
        const { scope, reason, person } = event;
        const said = { verb: 'freeze', subject: freezeSubject(scope), detail: { scope } } as const;
        freezes.push(say(said, reason, person));
        break;
      }
      case 'break_glass': {
        const detail = { action_digest: request.digest, preview_digest: preview().digest };
        const said = { verb: 'break_glass', subject: request_id, detail } as const;
        instructions.push(say(said, event.reason, event.person));
        break;
      }
      case 'review': {
        const detail = { break_glass: broken()?.digest ?? request.digest, justified: event.yes };
        instructions.push(say({ verb: 'review', subject: request_id, detail }, event.reason, event.person));
        break;
      }
      case 'settle': {
        const detail = { start: starts.at(-1)?.digest ?? request.digest, ran: event.yes };
        instructions.push(say({ verb: 'settle', subject: request_id, detail }, event.reason, event.person));
        break;
      }
      case 'revoke': {
        const said = { verb: 'revoke', subject: request_id, detail: { of: 'lease' } } as const;
        instructions.push(say(said, event.reason, event.person));
        break;
      }
      case 'start':
        starts.push(
          signStatement(
            'start',
            {
              audience,
              request_id,
              request: request.digest,
              preview: preview().digest,
              decisions: broken() === undefined ? approvalsAmong(decisions) : [],
              instructions: instructions.map(({ digest }) => digest),
              policy: policy.policy_digest,
              directory: policy.directory_digest,
              steps: [{ step: 'request', code: 'passed' }],
              started_at: moment,
              deadline: at(event.after + event.seconds),
            },
            executorKey,
          ),
        );
        break;
      case 'finish': {
        const { outcome, code } = event;
        const result_digest = outcome === 'succeeded' ? digestOfJson('result') : null;
        const start = starts.at(-1)?.digest ?? request.digest;
        const statement = { audience, request_id, start, outcome, code, result_digest };
        finishes.push(signStatement('finish', { ...statement, finished_at: moment }, executorKey));
        break;
      }
      case 'close':
        refusals.push(closingOf(event, moment));
        break;
    }
  }
  const dossier = {
    request,
    previews,
    preview: preview(),
    decisions,
    instructions,
    starts,
    finishes,
    refusals,
  };
  return { dossier, freezes };
}

function approvalsAmong(decisions: readonly Verified<'decision'>[]) {
  return decisions
    .filter(({ statement }) => statement.verdict === 'approve' && statement.standing.eligible)
    .map(({ digest }) => digest);
}

interface Bindings {
  readonly request: Verified<'request'>;
  readonly preview: Verified<'preview'>;
  readonly policy: PolicyDecision;
  readonly moment: string;
}

function decisionOf(
  event: Of<'approve' | 'deny' | 'defer'>,
  { request, preview, policy, moment }: Bindings,
): Verified<'decision'> {
  const { kind, person, reason = null, to = null, typed = null, refused, stale = false } = event;
  const statement: DecisionStatement = {
    audience,
    request_id,
    action_digest: request.digest,
    preview_digest: preview.digest,
    rule_digest: stale ? digestOfJson('an earlier rule') : policy.rule_digest,
    card_digest: digestOfJson('card'),
    verdict: kind,
    to,
    person,
    standing: {
      eligible: refused === undefined,
      code: refused ?? 'eligible',
      denials: policy.requirement?.denials ?? 1,
      directory_digest: policy.directory_digest,
    },
    channel: { name: 'slack', account: `T0ASSENTDEV/U0${(person ?? 'stranger').toUpperCase()}` },
    typed,
    reason,
    decided_at: moment,
  };
  return signStatement('decision', statement, gatewayKey);
}

function instructionOf(
  {
    moment,
    ...said
  }: Omit<InstructionStatement, 'audience' | 'issued_at' | 'expires_at'> & { moment: string },
  key: SigningKey,
): Verified<'instruction'> {
  const expires_at = new Date(Date.parse(moment) + 15 * 60_000).toISOString();
  // Each is written with its own verb's detail, above.
  const statement = { audience, ...said, issued_at: moment, expires_at } as InstructionStatement;
  return signStatement('instruction', statement, key);
}

function closingOf({ code }: Of<'close'>, refused_at: string): Verified<'refusal'> {
  return signStatement(
    'refusal',
    { audience, activity: 'notify', request_id, step: CLOSED_STEP, code, refused_at },
    gatewayKey,
  );
}
