/** A click as Slack sends it: a form whose raw bytes are signed. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { BUTTONS } from '../channels/slack/card-reference.ts';
import type { LocalSlack, SlackMessage } from '../dev/slack/local-slack.ts';

const buttons = z.looseObject({
  elements: z.array(z.looseObject({ action_id: z.string(), value: z.string().optional() })),
});

/** The card of a run once it waits for approval, with its Approve button's value. */
export async function waitingCard(
  slack: LocalSlack,
  run: string,
): Promise<{ card: SlackMessage; value: string }> {
  return slack.until((messages) => {
    for (const card of messages) {
      if (card.thread_ts !== undefined || !card.text.includes(`Run ${run} `)) continue;
      const actions = card.blocks?.find(({ type }) => type === 'actions');
      const approve =
        actions && buttons.parse(actions).elements.find((each) => each.action_id === BUTTONS.approve);
      if (approve?.value !== undefined) return { card, value: approve.value };
    }
    return undefined;
  });
}

export function signedClick(
  slack: LocalSlack,
  person: string,
  { card, value }: { card: SlackMessage; value: string },
) {
  const user = slack.userIds[person];
  const payload = {
    type: 'block_actions',
    team: { id: slack.teamId },
    user: { id: user, team_id: slack.teamId },
    container: { type: 'message', message_ts: card.ts, channel_id: slack.channelId },
    trigger_id: '1.2.3',
    response_url: 'http://127.0.0.1:9/none',
    actions: [{ action_id: BUTTONS.approve, value }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = `${Math.floor(Date.now() / 1000)}`;
  const mac = createHmac('sha256', slack.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac}`,
    },
  };
}
