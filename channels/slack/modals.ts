/** The modals that show much: all there is to know, and the whole of an action that no card can hold. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { CardContent } from '../../approval/view.ts';
import { pretty } from './action-text.ts';
import { heading, LIMITS, line, preformatted, quote, richText } from './blocks.ts';
import { type CardPlace, MODALS, printPrivateMetadata } from './card-reference.ts';
import { approvalInputs } from './forms.ts';
import { duration } from './markup.ts';
import { releaseText } from './release-text.ts';
import { plainParts } from './text.ts';

const text = (words: string) => ({ type: 'plain_text', text: words, emoji: false }) as const;

/** Everything that a decision binds, with every digest whole. */
export function detailsModal(content: CardContent, place: CardPlace): ModalView {
  const { blocks } = document([
    ...approved(content),
    { title: 'Resource, as computed from the input', text: pretty(content.resource), as: 'code' },
    { title: 'What the executor saw', text: pretty(content.facts), as: 'code' },
    { title: 'Context, as the agent tells it', text: pretty(content.claims.context), as: 'code' },
    { title: 'Who may decide', text: askedText(content), as: 'lines' },
    { title: 'When it may run', text: releaseText(content.release), as: 'lines' },
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
 * Shows the whole of what a card had to cut, and asks for what the rule wants; submitting it approves. Where even a modal can't show the whole,
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
    callback_id: MODALS.approve,
    private_metadata: printPrivateMetadata(place),
    title: text('Review the whole action'),
    ...(whole ? { submit: text('Approve') } : {}),
    close: text('Not now'),
    blocks: whole ? [...blocks, ...approvalInputs(content)] : [...refusal, ...blocks],
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
function approved(content: CardContent): readonly Part[] {
  const { title, description, impact, changed, revision, ends_after_seconds, claims, action } = content;
  const { intent, reason, trigger } = claims;
  const parts: (Part | null)[] = [
    { title: 'Action', text: title, as: 'lines' },
    revision < 2 ? null : askedAgain(changed),
    intent && {
      title: `The agent says the person asked for this${intent.source === null ? '' : `, in ${intent.source}`}`,
      text: intent.statement,
      as: 'quote',
    },
    reason === null ? null : { title: 'The agent says why', text: reason, as: 'quote' },
    trigger && { title: 'The agent says what set it off', text: pretty({ ...trigger }), as: 'code' },
    description.length === 0 ? null : { title: 'What it does', text: description, as: 'lines' },
    impact.length === 0 ? null : { title: 'Blast radius', text: impact, as: 'lines' },
    ends_after_seconds === null
      ? null
      : { title: 'Ends by itself', text: `${duration(ends_after_seconds)} after it starts`, as: 'lines' },
    { title: `${action.name} with exactly this input`, text: pretty(action.input), as: 'code' },
  ];
  return parts.filter((part) => part !== null);
}

function askedAgain(changed: readonly string[]): Part {
  return changed.length === 0
    ? { title: 'Asked again', text: 'It did not run in time, and nothing changed.', as: 'lines' }
    : { title: 'Asked again because this changed', text: changed, as: 'lines' };
}

function askedText({ approvals, order, escalations, deadline }: CardContent): readonly string[] {
  const parts = approvals.map(({ any_of }) =>
    any_of.map(({ from, count }) => `${count} of ${from.join(', ')}`).join(' or '),
  );
  const steps = escalations.flatMap(({ at, add, notify }) => [
    ...(add.length === 0 ? [] : [`from ${at} also ${add.join(', ')}`]),
    ...(notify.length === 0 ? [] : [`at ${at} ${notify.join(', ')} hear of it`]),
  ]);
  const inOrder = parts.length > 1 && order === 'sequential' ? ['one after the other:'] : [];
  return [...inOrder, ...parts, ...steps, `until ${deadline}`];
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
  const budget = {
    blocks: LIMITS.viewBlocks - kept.length - FORM_BLOCKS,
    bytes: LIMITS.viewBytes - bytesOf(kept),
  };
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

/** Room for a note, and for the inputs of an approval. */
const FORM_BLOCKS = 5;

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
