/** The modals: why one denies, all there is to know, and the whole of an action that no card can hold. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { CardContent } from '../../approval/view.ts';
import { pretty } from './action-text.ts';
import { heading, LIMITS, line, preformatted, quote, richText } from './blocks.ts';
import { type CardPlace, MODALS, printPrivateMetadata, REASON_INPUT } from './card-reference.ts';
import { MAX_REASON } from './interaction.ts';
import { plain, plainParts } from './text.ts';

const text = (words: string) => ({ type: 'plain_text', text: words, emoji: false }) as const;

/** Asks for the reason of a denial. */
export function denyModal(content: CardContent, place: CardPlace): ModalView {
  return {
    type: 'modal',
    callback_id: MODALS.deny,
    private_metadata: printPrivateMetadata(place),
    title: text('Deny'),
    submit: text('Deny'),
    close: text('Cancel'),
    blocks: [
      { type: 'section', text: text(plain(content.title, { limit: 500 }).text), expand: true },
      {
        type: 'input',
        block_id: REASON_INPUT.block,
        label: text('Why?'),
        hint: text('Goes on the record, under the card and to the agent.'),
        element: {
          type: 'plain_text_input',
          action_id: REASON_INPUT.action,
          multiline: true,
          min_length: 1,
          max_length: MAX_REASON,
          focus_on_load: true,
        },
      },
    ],
  };
}

/** The answer to a submitted deny modal whose reason won't do: the modal stays open and says so. */
export function reasonRefused(message: string) {
  return {
    response_action: 'errors',
    errors: { [REASON_INPUT.block]: message },
  } as const;
}

/** Everything that a decision binds, with every digest whole. */
export function detailsModal(content: CardContent, place: CardPlace): ModalView {
  const { blocks } = document([
    ...approved(content),
    { title: 'Resource, as computed from the input', text: pretty(content.resource), as: 'code' },
    { title: 'What the executor saw', text: pretty(content.facts), as: 'code' },
    { title: 'Context, as the agent tells it', text: pretty(content.claims.context), as: 'code' },
    { title: 'Who may decide', text: askedText(content), as: 'lines' },
    { title: 'Request and digests', text: digests(content, place), as: 'code', first: true },
  ]);
  return {
    type: 'modal',
    private_metadata: printPrivateMetadata(place),
    title: text('Details'),
    close: text('Close'),
    blocks,
  };
}

/**
 * Shows the whole of what a card had to cut; submitting it approves. Where even a modal can't show the whole,
 * there is nothing to submit.
 */
export function reviewModal(content: CardContent, place: CardPlace): ModalView {
  const { blocks, whole } = document(approved(content));
  const refusal: KnownBlock[] = [
    richText(
      heading(
        'Too long to approve in Slack: not all of it can be shown here. Deny it, or ask for less at a time.',
      ),
    ),
  ];
  return {
    type: 'modal',
    callback_id: MODALS.review,
    private_metadata: printPrivateMetadata(place),
    title: text('Review the whole action'),
    ...(whole ? { submit: text('Approve') } : {}),
    close: text('Not now'),
    blocks: whole ? blocks : [...refusal, ...blocks],
  };
}

interface Part {
  readonly title: string;
  /** A list's entries are one line each: a line break within one is shown, so it can't pass for an entry. */
  readonly text: string | readonly string[];
  readonly as: 'lines' | 'quote' | 'code';
  /** Kept when the rest must be cut. */
  readonly first?: boolean;
}

/** What an approval is of, uncut. */
function approved({ title, description, impact, claims, action }: CardContent): readonly Part[] {
  const { intent, reason, trigger } = claims;
  const parts: (Part | null)[] = [
    { title: 'Action', text: title, as: 'lines' },
    intent && {
      title: `The agent says the person asked for this${intent.source === null ? '' : `, in ${intent.source}`}`,
      text: intent.statement,
      as: 'quote',
    },
    reason === null ? null : { title: 'The agent says why', text: reason, as: 'quote' },
    trigger && { title: 'The agent says what set it off', text: pretty({ ...trigger }), as: 'code' },
    description.length === 0 ? null : { title: 'What it does', text: description, as: 'lines' },
    impact.length === 0 ? null : { title: 'Blast radius', text: impact, as: 'lines' },
    { title: `${action.name} with exactly this input`, text: pretty(action.input), as: 'code' },
  ];
  return parts.filter((part) => part !== null);
}

function askedText({ asked, count, deadline }: CardContent): string {
  const stages = asked.map(({ from, at }) => `${from.join(', ')} from ${at}`);
  return [`${count} of:`, ...stages, `until ${deadline}`].join('\n');
}

function digests(content: CardContent, { card }: CardPlace): string {
  return [
    `request  ${content.request_id}`,
    `card     ${card.card_digest}`,
    `action   ${content.action_digest}`,
    `preview  ${content.preview_digest}`,
    `rule     ${content.rule_digest}  (${content.rule})`,
  ].join('\n');
}

/** As many of the parts' blocks as one view takes, and whether that is all of them. */
function document(parts: readonly Part[]): { blocks: KnownBlock[]; whole: boolean } {
  const all = parts.map(blocksOf);
  const kept = all.filter((_, index) => parts[index]?.first).flat();
  const rest = all.filter((_, index) => !parts[index]?.first).flat();
  const budget = { blocks: LIMITS.viewBlocks - kept.length - 2, bytes: LIMITS.viewBytes - bytesOf(kept) };
  const taken: KnownBlock[] = [];
  for (const block of rest) {
    budget.blocks -= 1;
    budget.bytes -= bytesOf(block);
    if (budget.blocks < 0 || budget.bytes < 0) break;
    taken.push(block);
  }
  const left = rest.length - taken.length;
  const note = richText(heading(`⟦cut: ${left} more parts of this page⟧`));
  return { blocks: left === 0 ? [...taken, ...kept] : [...taken, note, ...kept], whole: left === 0 };
}

const PART = LIMITS.sectionText - 500;

function blocksOf({ title, text: body, as }: Part): KnownBlock[] {
  const boxed = { lines: line, quote, code: preformatted }[as];
  const pieces =
    typeof body === 'string'
      ? plainParts(body, PART)
      : body.flatMap((entry) => plainParts(entry, PART, false));
  const titles = plainParts(title, PART, false).map((piece) => richText(heading(piece)));
  return [...titles, ...pieces.map((piece) => richText(boxed(piece)))];
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
