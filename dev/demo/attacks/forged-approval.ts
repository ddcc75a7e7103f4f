/** Approvals as the gateway would sign them, of exactly the right things, but with the wrong keys. */
import { z } from 'zod';
import { readSigningKey, type SigningKey } from '../../../approval/keys.ts';
import { signStatement } from '../../../approval/statements.ts';
import type { Envelope } from '../../../approval/types.ts';
import { buttonValue } from '../../../channels/slack/card-reference.ts';
import type { Asked } from '../../../client/client.ts';
import { SIGNALS } from '../../../workflows/messages.ts';
import { AGENT } from '../../files.ts';
import { bookOf } from '../look/book.ts';
import { cardSays } from '../look/slack.ts';
import { refusedSignals, statusOf } from '../look/temporal.ts';
import type { World } from '../world.ts';

export async function forgeApprovals(world: World, { requestId }: Asked, card: string): Promise<void> {
  const { story, temporal, stack, judge } = world;
  const mallory = (await world.intruder()).key;
  const agent = await readSigningKey(stack.files.keys.agent, AGENT);
  const [gateway] = judge.ring.gateway;
  const workflow = temporal.workflow.getHandle(requestId);
  story.say('She signs approvals in Ana Castro’s name, of just this request, and signals them.');
  const posing = withKeyId(await approval(world, requestId, card, mallory), gateway?.keyid ?? '');
  await workflow.signal(SIGNALS.decide, posing);
  await workflow.signal(SIGNALS.decide, await approval(world, requestId, card, agent));

  await story.claim(
    'One bears the gateway’s key id, one is signed by the agent’s own key: both are refused.',
    async () => ({
      expected: ['signature_invalid', 'key_unknown'],
      found: await refusedSignals(world, { workflowId: requestId }, 2),
    }),
  );
  await story.claim('The workflow counts neither, and the book knows of neither.', async () => {
    const { phase, approvals } = await statusOf(world, requestId);
    const { decisions } = await bookOf(world, requestId);
    return { expected: ['pending', [], []], found: [phase, approvals, decisions] };
  });
  await story.claim('The card shows none: 0 of 1.', () =>
    cardSays(world, card, '*Waiting for approval*  ·  0 of 1'),
  );
}

/** In Ana's name, for this request, preview, rule and card. */
async function approval(world: World, requestId: string, card: string, key: SigningKey): Promise<Envelope> {
  const { stack, judge } = world;
  const { request, preview } = await bookOf(world, requestId);
  const policy = judge.evaluate({
    request: request.statement,
    resource: preview?.statement.resource ?? {},
    preview: preview?.statement.facts ?? null,
    delegations: [],
    now: new Date(),
  });
  const message = (await stack.slack.messages()).find(({ ts }) => ts === card);
  const [, value] = /"value":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(message?.blocks)) ?? [];
  const { card_digest } = buttonValue.parse(z.string().parse(JSON.parse(value ?? 'null')));
  return signStatement(
    'decision',
    {
      audience: judge.ring.audience,
      request_id: requestId,
      action_digest: request.digest,
      preview_digest: preview?.digest ?? request.digest,
      rule_digest: policy.rule_digest,
      card_digest,
      verdict: 'approve',
      to: null,
      person: 'ana',
      standing: {
        eligible: true,
        code: 'eligible',
        denials: 1,
        directory_digest: policy.directory_digest,
      },
      channel: { name: 'slack', account: `${stack.slack.teamId}/${stack.slack.userIds.ana}` },
      typed: null,
      reason: null,
      decided_at: new Date().toISOString(),
    },
    key,
  ).envelope;
}

function withKeyId({ signatures, ...envelope }: Envelope, keyid: string): Envelope {
  return { ...envelope, signatures: signatures.map(({ sig }) => ({ keyid, sig })) };
}
