/** A request in any state, as messages are rendered from it: what is asked of whom, and what happened. */
import { digestOfJson } from '../../approval/digest.ts';
import { AssentError } from '../../approval/error.ts';
import { houseOf } from '../../approval/house.ts';
import { type Situation, standingsOf } from '../../approval/state.ts';
import type { PolicyDecision } from '../../approval/types.ts';
import { type CardContent, type Examined, viewOf } from '../../approval/view.ts';
import { type CardInput, cardInputOf } from '../../channels/slack/card-input.ts';
import type { Scene } from './scene.ts';
import { audience, tellStory } from './scene-statements.ts';

export function cardInput(scene: Scene): CardInput {
  const policy = policyOf(scene);
  const { dossier, freezes } = tellStory(scene, policy);
  const examined: Examined = {
    resource: scene.resource,
    maxSeconds: 60,
    present: () => scene.presentation,
    drift: () => scene.drift,
    endsAfter: scene.endsAfter,
  };
  const situation: Situation = {
    dossier,
    house: houseOf(freezes),
    policy,
    examined,
    ring: { audience, gateway: [], executor: [], agents: [], people: [] },
    now: scene.opens.getTime() + scene.now * 1000,
  };
  const asks = policy.requirement !== null;
  const { request, previews } = dossier;
  const content = asks ? viewOf({ request, previews, policy, examined }) : null;
  return cardInputOf(
    { ...situation, content, standings: standingsOf(situation) },
    {
      people: (id) => scene.faces[id] ?? { name: id, mention: null },
      groups: (from) => scene.faces[from]?.name ?? from,
      links: { temporal: scene.temporal },
    },
  );
}

/** What people are asked in a scene that asks them. */
export function contentOf({ content, about }: CardInput): CardContent {
  if (content === null) throw new AssentError('nobody_asked', `Nobody is asked to ${about.title}.`);
  return content;
}

function policyOf({ effect, requirement, release, powers }: Scene): PolicyDecision {
  return {
    effect,
    code: effect === 'require_approval' ? 'approval_required' : effect,
    rule: 'crm-personal-data',
    rule_digest: digestOfJson('rule'),
    policy_digest: digestOfJson('policy'),
    directory_digest: digestOfJson('directory'),
    needs_preview: false,
    requirement: effect === 'require_approval' ? requirement : null,
    release: effect === 'deny' ? null : release,
    powers,
    explanation: [],
  };
}
