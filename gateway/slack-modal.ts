/** Which modal a button opens. */
import type { ModalView } from '@slack/types';
import type { Case } from '../audit/case.ts';
import { aboutOf } from '../channels/slack/card-input.ts';
import {
  approveModal,
  deferModal,
  denyModal,
  reviewGlassModal,
  revokeModal,
  settleModal,
} from '../channels/slack/forms.ts';
import { detailsModal, reviewModal } from '../channels/slack/modals.ts';
import type { Clicking } from './slack-wish.ts';

/** Null where there is nothing to show: policy, as it is now, asks nobody. */
export function modalOf(
  kind: Clicking['kind'],
  subject: Case,
  { card, channel, message_ts }: Pick<Clicking, 'card' | 'channel' | 'message_ts'>,
): ModalView | null {
  const { content, standings } = subject;
  const place = { card, channel, message_ts };
  const about = aboutOf(subject);
  switch (kind) {
    case 'deny':
      return denyModal(about, place);
    case 'defer':
      return deferModal(about, place);
    case 'settle':
      return settleModal(about, place);
    case 'revoke':
      return revokeModal(about, place);
    case 'review_glass':
      return standings.glass === null ? null : reviewGlassModal(about, standings.glass, place);
    case 'approve':
      return content === null ? null : approveModal(content, place);
    case 'review':
      return content === null ? null : reviewModal(content, place);
    case 'details':
      return content === null ? null : detailsModal(content, place);
  }
}
