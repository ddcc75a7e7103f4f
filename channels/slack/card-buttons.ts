/** What can be done from a card in its state. No style on any button: none is offered as the better choice. */
import type { Button, ConfirmationDialog, KnownBlock } from '@slack/types';
import { digestOfJson } from '../../approval/digest.ts';
import { type CardContent, cardDigest } from '../../approval/view.ts';
import { actions, LIMITS } from './blocks.ts';
import type { CardInput } from './card-input.ts';
import { BUTTONS, type CardReference, printButtonValue } from './card-reference.ts';
import { asksMore } from './forms.ts';
import { plain } from './text.ts';

/** @param whole does the card show all of what an approval is of? */
export function buttonBlocks(input: CardInput, whole: boolean): readonly KnownBlock[] {
  const kinds = kindsOf(input, whole);
  const value = printButtonValue(referenceOf(input));
  const buttons = kinds.map((kind): Button => {
    const button: Button = {
      type: 'button',
      text: { type: 'plain_text', text: LABELS[kind], emoji: false },
      action_id: BUTTONS[kind],
      value,
    };
    const confirms = kind === 'approve' && input.content?.risk === 'high' && !asksMore(input.content);
    return confirms && input.content !== null ? { ...button, confirm: confirmation(input.content) } : button;
  });
  return buttons.length === 0 ? [] : [actions(buttons)];
}

/** Where nobody is asked any more, a digest that no decision can bind. */
export function referenceOf({ content, about }: Pick<CardInput, 'content' | 'about'>): CardReference {
  const card_digest = content === null ? digestOfJson(about) : cardDigest(content);
  return { request_id: about.request_id, card_digest };
}

type Kind = keyof typeof BUTTONS;

const LABELS: Readonly<Record<Kind, string>> = {
  approve: 'Approve',
  review: 'Review',
  deny: 'Deny',
  defer: 'Hand over',
  details: 'Details',
  settle: 'Say what happened',
  revoke: 'End now',
  review_glass: 'Review release',
};

function kindsOf(input: CardInput, whole: boolean): readonly Kind[] {
  const { content, standings } = input;
  const kinds: readonly Kind[] = [
    ...decidingKinds(input, whole),
    ...(standings.state === 'unknown' ? (['settle'] as const) : []),
    ...(canEnd(input) ? (['revoke'] as const) : []),
    ...(standings.glass !== null && standings.glass.review === null ? (['review_glass'] as const) : []),
  ];
  return kinds.length === 0 || content === null ? kinds : [...kinds, 'details'];
}

function decidingKinds({ content, standings: { state } }: CardInput, whole: boolean): readonly Kind[] {
  if (content === null) return [];
  // Until it has begun, a denial still stops it.
  if (state === 'approved' || state === 'lapsed') return ['deny'];
  if (state !== 'pending') return [];
  if (content.require.includes('own_key')) return ['deny', 'defer'];
  return [whole ? 'approve' : 'review', 'deny', 'defer'];
}

function canEnd({ standings: { state, lease } }: CardInput): boolean {
  if (lease === null || lease.revoked !== null || lease.ended !== null) return false;
  return state === 'active' || state === 'unknown' || state === 'settled';
}

function confirmation({ title, audience }: CardContent): ConfirmationDialog {
  const text = plain(`${title}\nin ${audience}`, { limit: LIMITS.confirmText, lines: true }).text;
  return {
    title: { type: 'plain_text', text: 'Approve a high-risk action?', emoji: false },
    text: { type: 'plain_text', text, emoji: false },
    confirm: { type: 'plain_text', text: 'Approve', emoji: false },
    deny: { type: 'plain_text', text: 'Not now', emoji: false },
  };
}
