/** What people of a rig say with keys of their own, as the command line has it said. */

import { freezeSubject } from '../../approval/house.ts';
import type { Digest, FreezeScope, Timestamp } from '../../approval/types.ts';
import { cardDigest } from '../../approval/view.ts';
import { type Order, sayDecision, sayInstruction } from '../../client/person.ts';
import type { Heard } from '../../client/speak.ts';
import type { Signer } from './house.ts';
import type { Rig } from './rig.ts';
import { until } from './until.ts';

const speaker = (rig: Rig, person: Signer) => ({
  person,
  key: rig.keys[person],
  gateway: new URL(rig.stack.gateway),
});

export function sayAs(rig: Rig, person: Signer, order: Order): Promise<Heard> {
  return sayInstruction(order, rig.judge().ring.audience, speaker(rig, person), Date.now());
}

async function taken(saying: Promise<Heard>): Promise<Digest> {
  const { code, digest } = await saying;
  if (code !== 'eligible' || digest === null) throw new Error(`it was not taken: ${code}`);
  return digest;
}

/** By Dan, who operates. */
export function freeze(rig: Rig, scope: FreezeScope): Promise<Digest> {
  const subject = freezeSubject(scope);
  return taken(
    sayAs(rig, 'dan', { verb: 'freeze', subject, detail: { scope }, reason: 'The disk is full.' }),
  );
}

/** Everything that the rule is about. */
export function freezeRule(rig: Rig, rule: string): Promise<Digest> {
  return freeze(rig, { of: 'resource', resource: { rule } });
}

export async function unfreeze(rig: Rig, subject: Digest): Promise<void> {
  await taken(sayAs(rig, 'dan', { verb: 'unfreeze', subject, detail: {}, reason: 'There is room again.' }));
}

export interface Delegating {
  readonly to: Signer;
  readonly action: string;
  readonly starts_at?: Timestamp;
  readonly until: Timestamp;
}

/** Gives the delegation's digest. */
export function delegate(rig: Rig, person: Signer, given: Delegating): Promise<Digest> {
  const { to, action, starts_at = new Date().toISOString() } = given;
  const detail = { action, starts_at };
  const terms = { detail, reason: 'On holiday.', until: given.until };
  return taken(sayAs(rig, person, { verb: 'delegate', subject: to, ...terms }));
}

/** By the person's own key, of what stands now. */
export async function approveByKey(rig: Rig, person: Signer, requestId: string): Promise<Heard> {
  const { content, policy } = await until('people are asked', async () => {
    const found = await rig.standing(requestId);
    return found.content === null ? undefined : { ...found, content: found.content };
  });
  const { audience, action_digest, preview_digest, rule_digest, denials } = content;
  return sayDecision(
    {
      audience,
      request_id: requestId,
      action_digest,
      preview_digest,
      rule_digest,
      card_digest: cardDigest(content),
      verdict: 'approve',
      to: null,
      standing: { eligible: true, code: 'eligible', denials, directory_digest: policy.directory_digest },
      typed: null,
      reason: null,
    },
    speaker(rig, person),
    Date.now(),
  );
}
