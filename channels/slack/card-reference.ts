/**
 * What a control carries back to us: which request, and the digest of exactly what its card said.
 *
 *     {"card_digest":"sha256:…","request_id":"…"}                          a button's value
 *     {"card_digest":"…","channel":"C1","message_ts":"1.2","request_id":"…"}   a modal's private_metadata
 */
import { z } from 'zod';
import { canonicalize } from '../../approval/canonical-json.ts';
import type { Digest } from '../../approval/types.ts';

/** The action ids of a card's buttons. */
export const BUTTONS = {
  approve: 'assent.approve',
  deny: 'assent.deny',
  defer: 'assent.defer',
  details: 'assent.details',
  /** Stands in for Approve where the card can't show the whole. */
  review: 'assent.review',
  settle: 'assent.settle',
  revoke: 'assent.revoke',
  review_glass: 'assent.review_glass',
} as const;

/** The callback ids of the modals that a person can submit. */
export const MODALS = {
  approve: 'assent.approve',
  deny: 'assent.deny',
  defer: 'assent.defer',
  settle: 'assent.settle',
  revoke: 'assent.revoke',
  review_glass: 'assent.review_glass',
} as const;

/** The modals' inputs: each the id of a block and of the one element in it. */
export const INPUTS = {
  reason: 'reason',
  /** The name of what is touched. */
  typed: 'typed',
  /** Whom to hand the request to. */
  to: 'to',
  ran: 'ran',
  justified: 'justified',
} as const;
export type Input = keyof typeof INPUTS;

export interface CardReference {
  /** 64 hex digits. */
  readonly request_id: string;
  readonly card_digest: Digest;
}

/** A card, and the message that shows it. */
export interface CardPlace {
  readonly card: CardReference;
  readonly channel: string;
  readonly message_ts: string;
}

const reference = {
  request_id: z.string().regex(/^[0-9a-f]{64}$/),
  card_digest: z.custom<Digest>(
    (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value),
    'must be sha256: and 64 hex digits',
  ),
};
/** Slack's ids of channels, and of messages in them. */
export const channelId = z.string().regex(/^[A-Z][A-Z0-9]{1,40}$/);
export const messageTs = z.string().regex(/^\d{1,20}\.\d{1,10}$/);

const fromText = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
};

export const buttonValue: z.ZodType<CardReference, string> = z
  .string()
  .transform(fromText)
  .pipe(z.strictObject(reference));

export const privateMetadata: z.ZodType<CardPlace, string> = z
  .string()
  .transform(fromText)
  .pipe(z.strictObject({ ...reference, channel: channelId, message_ts: messageTs }))
  .transform(({ channel, message_ts, ...card }) => ({ card, channel, message_ts }));

export function printButtonValue(card: CardReference): string {
  return canonicalize({ request_id: card.request_id, card_digest: card.card_digest });
}

export function printPrivateMetadata({ card, channel, message_ts }: CardPlace): string {
  return canonicalize({
    request_id: card.request_id,
    card_digest: card.card_digest,
    channel,
    message_ts,
  });
}
