/** Opening a modal for the person who clicked. */
import type { ModalView } from '@slack/types';
import type { Slack } from './api.ts';
import { calling } from './slack-error.ts';

/** @param trigger_id of the click: works once, within 3 s. */
export async function openView({ web }: Slack, trigger_id: string, view: ModalView): Promise<void> {
  await calling('views.open', () => web.views.open({ trigger_id, view }));
}
