/** The modals that ask a person something: each with its own inputs, none of them filled in beforehand. */
import type { InputBlock, KnownBlock, ModalView, RadioButtons } from '@slack/types';
import type { Standings } from '../../approval/state.ts';
import type { CardContent } from '../../approval/view.ts';
import { heading, LIMITS, line, preformatted, quote, richText } from './blocks.ts';
import { type CardPlace, INPUTS, type Input, MODALS, printPrivateMetadata } from './card-reference.ts';
import { MAX_REASON, MAX_TYPED } from './submission.ts';
import { plain } from './text.ts';

const text = (words: string) => ({ type: 'plain_text', text: words, emoji: false }) as const;

/** What a form is about, where no more of it is shown. */
type About = Pick<CardContent, 'title'>;

/** Whether an approval takes more than a click, and so opens a modal. */
export function asksMore({ require }: Pick<CardContent, 'require'>): boolean {
  return require.includes('reason') || require.includes('typed');
}

/** Asks for what the rule wants of an approval beside a click. */
export function approveModal(content: CardContent, place: CardPlace): ModalView {
  return form('approve', place, {
    title: 'Approve',
    submit: 'Approve',
    blocks: [titled(content), ...approvalInputs(content)],
  });
}

/** The inputs of whatever modal approves; none where a click is enough. */
export function approvalInputs({ require, target }: Pick<CardContent, 'require' | 'target'>): KnownBlock[] {
  return [
    ...(require.includes('typed') ? typing(target) : []),
    ...(require.includes('reason') ? [why('Why do you approve it?')] : []),
  ];
}

/** Asks for the reason of a denial. */
export function denyModal(about: About, place: CardPlace): ModalView {
  return form('deny', place, {
    title: 'Deny',
    submit: 'Deny',
    blocks: [titled(about), why('Why?', DENIAL_HINT)],
  });
}

/** Asks whom to hand the request to. */
export function deferModal(about: About, place: CardPlace): ModalView {
  const to = input('to', {
    label: text('Who should decide instead?'),
    hint: text('Somebody who may decide this now. You still may, too.'),
    element: { type: 'users_select', action_id: INPUTS.to, placeholder: text('Somebody') },
  });
  return form('defer', place, {
    title: 'Hand over',
    submit: 'Hand over',
    blocks: [titled(about), to, why('Why?')],
  });
}

/** Asks what the target shows of an execution whose outcome nobody signed. */
export function settleModal(about: About, place: CardPlace): ModalView {
  return form('settle', place, {
    title: 'What happened?',
    submit: 'Put on record',
    blocks: [
      titled(about),
      richText(line('It started and never said how it ended. Look at what it touches before you answer.')),
      choice('ran', 'What does the target show?', { yes: 'It ran', no: 'It did not run' }),
      why('How can you tell?'),
    ],
  });
}

/** Asks why something that is in force should end now. */
export function revokeModal(about: About, place: CardPlace): ModalView {
  return form('revoke', place, { title: 'End now', submit: 'End now', blocks: [titled(about), why('Why?')] });
}

/** Asks what others say of a release by one person alone. */
export function reviewGlassModal(
  about: About,
  { broken }: NonNullable<Standings['glass']>,
  place: CardPlace,
): ModalView {
  const reason = plain(broken.statement.reason ?? 'No reason was given.', { limit: 2500, lines: true });
  return form('review_glass', place, {
    title: 'Review',
    submit: 'Put on record',
    blocks: [
      titled(about),
      richText(heading('One person released this alone, and gave as the reason:'), quote(reason.text)),
      choice('justified', 'Was that justified?', { yes: 'Justified', no: 'Not justified' }),
      why('Why do you see it so?'),
    ],
  });
}

interface Form {
  readonly title: string;
  readonly submit: string;
  readonly blocks: KnownBlock[];
}

function form(kind: keyof typeof MODALS, place: CardPlace, { title, submit, blocks }: Form): ModalView {
  return {
    type: 'modal',
    callback_id: MODALS[kind],
    private_metadata: printPrivateMetadata(place),
    title: text(title),
    submit: text(submit),
    close: text('Cancel'),
    blocks,
  };
}

function titled({ title }: About): KnownBlock {
  return { type: 'section', text: text(plain(title, { limit: 500 }).text), expand: true };
}

function input(id: Input, rest: Omit<InputBlock, 'type' | 'block_id'>): InputBlock {
  return { type: 'input', block_id: INPUTS[id], ...rest };
}

const HINT = 'Goes on the record, and under the card.';
const DENIAL_HINT = 'Goes on the record, under the card and to the agent.';

function why(label: string, hint = HINT): InputBlock {
  return input('reason', {
    label: text(label),
    hint: text(hint),
    element: {
      type: 'plain_text_input',
      action_id: INPUTS.reason,
      multiline: true,
      min_length: 1,
      max_length: MAX_REASON,
    },
  });
}

/** What can't be seen can't be typed either, so such a name is approved elsewhere or not at all. */
function typing(target: string): KnownBlock[] {
  const shown = plain(target, { limit: LIMITS.sectionText - 200 }).text;
  return [
    richText(heading('The name of what would be touched'), preformatted(shown)),
    input('typed', {
      label: text('Type that name, to the letter'),
      element: { type: 'plain_text_input', action_id: INPUTS.typed, max_length: MAX_TYPED },
    }),
  ];
}

/** Two answers of the same look, neither of them chosen. */
function choice(
  id: 'ran' | 'justified',
  label: string,
  answers: { readonly yes: string; readonly no: string },
): InputBlock {
  const options: RadioButtons['options'] = [
    { text: text(answers.yes), value: 'yes' },
    { text: text(answers.no), value: 'no' },
  ];
  return input(id, {
    label: text(label),
    element: { type: 'radio_buttons', action_id: INPUTS[id], options },
  });
}
