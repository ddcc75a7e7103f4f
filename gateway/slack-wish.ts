/** What a person wants who clicked a button or submitted a modal in Slack. */
import type { Case } from '../audit/case.ts';
import type { Clicked, Interaction } from '../channels/slack/interaction.ts';
import type { SlackAccount } from '../channels/slack/payload.ts';
import type { Order } from './instruct.ts';

export type Did = Exclude<Interaction, { kind: 'ignored' }>;
export type Clicking = Extract<Did, { trigger_id: string }>;

interface Said {
  /** Null where nobody was asked for one. */
  readonly reason: string | null;
}

/** Of a button it is as far as that goes: whoever may do it is asked for the rest in a modal. */
export type Wish =
  | (Said & { readonly act: 'approve'; readonly typed: string | null })
  | (Said & { readonly act: 'deny' })
  | (Said & { readonly act: 'defer'; readonly to: SlackAccount | null })
  | (Said & { readonly act: 'settle'; readonly ran: boolean })
  | (Said & { readonly act: 'revoke' })
  | (Said & { readonly act: 'review_glass'; readonly justified: boolean });

export type Act = Wish['act'];
export type Deciding = Extract<Wish, { act: 'approve' | 'deny' | 'defer' }>;
export type Instructing = Exclude<Wish, Deciding>;

export function isDeciding(wish: Wish): wish is Deciding {
  return wish.act === 'approve' || wish.act === 'deny' || wish.act === 'defer';
}

export function wishOf(did: Did): Wish {
  switch (did.kind) {
    case 'approve_submitted':
      return { act: 'approve', reason: did.reason, typed: did.typed };
    case 'deny_submitted':
      return { act: 'deny', reason: did.reason };
    case 'defer_submitted':
      return { act: 'defer', reason: did.reason, to: did.to };
    case 'settle_submitted':
      return { act: 'settle', reason: did.reason, ran: did.ran };
    case 'revoke_submitted':
      return { act: 'revoke', reason: did.reason };
    case 'review_glass_submitted':
      return { act: 'review_glass', reason: did.reason, justified: did.justified };
    default:
      return wishOfButton(did.kind);
  }
}

function wishOfButton(kind: Clicked): Wish {
  const reason = null;
  switch (kind) {
    case 'approve':
    case 'review':
    case 'details':
      return { act: 'approve', reason, typed: null };
    case 'deny':
      return { act: 'deny', reason };
    case 'defer':
      return { act: 'defer', reason, to: null };
    case 'settle':
      return { act: 'settle', reason, ran: false };
    case 'revoke':
      return { act: 'revoke', reason };
    case 'review_glass':
      return { act: 'review_glass', reason, justified: false };
  }
}

/** Of what stands now. Where there is nothing to speak of, it names the request itself, and the gate says so. */
export function orderOf(
  wish: Instructing,
  { dossier, standings }: Case,
): Exclude<Order, { verb: 'delegate' }> {
  const subject = dossier.request.statement.request_id;
  const none = dossier.request.digest;
  switch (wish.act) {
    case 'settle':
      return { verb: 'settle', subject, detail: { start: standings.start?.digest ?? none, ran: wish.ran } };
    case 'revoke':
      return { verb: 'revoke', subject, detail: { of: 'lease' } };
    case 'review_glass': {
      const break_glass = standings.glass?.broken.digest ?? none;
      return { verb: 'review', subject, detail: { break_glass, justified: wish.justified } };
    }
  }
}
