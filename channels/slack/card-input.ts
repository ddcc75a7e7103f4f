/** What every message about a request is rendered from: what it says, where it stands, and who people are. */

import { freezeOf } from '../../approval/house.ts';
import type { VerifiedInstruction } from '../../approval/instruction.ts';
import type { Dossier, Situation, Standings } from '../../approval/state.ts';
import type { PolicyDecision } from '../../approval/types.ts';
import type { CardContent, Presentation } from '../../approval/view.ts';

/** How a person of the directory is shown. */
export interface Face {
  readonly name: string;
  /** The person's Slack user id in this workspace; null where the directory binds none. */
  readonly mention: string | null;
}

/** What was asked for, whatever policy says of it now. */
export type About = Presentation &
  Pick<CardContent, 'audience' | 'request_id' | 'agent' | 'action' | 'claims' | 'action_digest'>;

/** How a deployment calls people, and where more is to be seen. */
export interface Wording {
  /** By the directory's id. */
  readonly people: (id: string) => Face;
  /** The name to show for a group or person as the policy names them. */
  readonly groups: (from: string) => string;
  readonly links: { readonly temporal: string | null };
}

export interface CardInput extends Wording {
  readonly about: About;
  /** What people are asked; null where policy, as it is now, asks nobody. */
  readonly content: CardContent | null;
  readonly dossier: Dossier;
  readonly policy: PolicyDecision;
  readonly standings: Standings;
  /** The oldest freeze that stops it, whatever else does. */
  readonly freeze: VerifiedInstruction<'freeze'> | null;
  readonly now: Date;
}

/** A request's case, as far as messages are about it. */
export type Shown = Situation & Pick<CardInput, 'content' | 'standings'>;

/** @throws what the action's definition throws */
export function cardInputOf(shown: Shown, wording: Wording): CardInput {
  const { content, dossier, policy, standings, house, examined, now } = shown;
  const { people, groups, links } = wording;
  return {
    about: aboutOf(shown),
    content,
    dossier,
    policy,
    standings,
    freeze: freezeOf(house, dossier.request.statement, examined.resource),
    now: new Date(now),
    people,
    groups,
    links,
  };
}

/** @throws what the action's definition throws */
export function aboutOf({ dossier, examined }: Pick<Situation, 'dossier' | 'examined'>): About {
  const { request, preview } = dossier;
  const { audience, request_id, agent, action, claims } = request.statement;
  const { title, description, impact, target } = examined.present(preview?.statement.facts ?? {});
  const said = { title, description, impact, target };
  return { audience, request_id, agent, action, claims, action_digest: request.digest, ...said };
}
