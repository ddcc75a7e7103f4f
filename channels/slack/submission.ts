/** What a person wrote into one of our modals and submitted. Nothing in them is chosen beforehand. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { type CardPlace, INPUTS, type Input, MODALS, privateMetadata } from './card-reference.ts';
import { malformed, read, type SlackAccount, unknown, userId } from './payload.ts';

/** The longest reason that a person may give, in UTF-16 units. */
export const MAX_REASON = 1000;
/** The longest name that a person may type, in UTF-16 units: Slack's own bound of an input. */
export const MAX_TYPED = 3000;

export type Submitted =
  /** Null where the modal did not ask. What was typed is as it was typed. */
  | { readonly kind: 'approve_submitted'; readonly reason: string | null; readonly typed: string | null }
  | { readonly kind: 'deny_submitted'; readonly reason: string }
  /** Of the workspace in which the card is: someone from elsewhere has another account there. */
  | { readonly kind: 'defer_submitted'; readonly to: SlackAccount; readonly reason: string }
  | { readonly kind: 'settle_submitted'; readonly ran: boolean; readonly reason: string }
  | { readonly kind: 'revoke_submitted'; readonly reason: string }
  | { readonly kind: 'review_glass_submitted'; readonly justified: boolean; readonly reason: string };

const viewSubmission = z.object({
  view: z.object({ callback_id: z.string(), private_metadata: z.string(), state: z.unknown().optional() }),
});

const typedState = z.object({ value: z.string().nullish() });
const personState = z.object({ selected_user: userId.nullish() });
const choiceState = z.object({ selected_option: z.object({ value: z.enum(['yes', 'no']) }).nullish() });

/**
 * @param team the workspace of the card
 * @throws AssentError `interaction_malformed`, `interaction_unknown`; and what the modal itself can show, at the
 *   input that `evidence.input` names: `reason_missing`, `reason_too_long`, `typed_missing`, `typed_too_long`,
 *   `other_missing`, `choice_missing`
 */
export function readForm(payload: unknown, team: string): CardPlace & Submitted {
  const { view } = read(viewSubmission, payload);
  const kind = kinds.find((one) => MODALS[one] === view.callback_id);
  if (kind === undefined) throw unknown(`a modal ${JSON.stringify(view.callback_id)}`);
  const place = read(privateMetadata, view.private_metadata);
  return { ...place, ...submittedAs(kind, view.state, team) };
}

const kinds = ['approve', 'deny', 'defer', 'settle', 'revoke', 'review_glass'] as const;

function submittedAs(kind: keyof typeof MODALS, state: unknown, team: string): Submitted {
  switch (kind) {
    case 'approve': {
      const reason = asked(state, 'reason') ? readReason(state) : null;
      return { kind: 'approve_submitted', reason, typed: asked(state, 'typed') ? readTyped(state) : null };
    }
    case 'deny':
      return { kind: 'deny_submitted', reason: readReason(state) };
    case 'defer':
      return { kind: 'defer_submitted', to: { team, user: readOther(state) }, reason: readReason(state) };
    case 'settle':
      return { kind: 'settle_submitted', ran: readChoice(state, 'ran'), reason: readReason(state) };
    case 'revoke':
      return { kind: 'revoke_submitted', reason: readReason(state) };
    case 'review_glass': {
      const justified = readChoice(state, 'justified');
      return { kind: 'review_glass_submitted', justified, reason: readReason(state) };
    }
  }
}

/** Whether the modal has such an input: a modal without any may have no values at all. */
function asked(state: unknown, input: Input): boolean {
  const values = z.object({ values: z.record(z.string(), z.unknown()) }).optional();
  return Object.hasOwn(read(values, state)?.values ?? {}, INPUTS[input]);
}

function readInput<T>(state: unknown, input: Input, element: z.ZodType<T>): T {
  const id = INPUTS[input];
  const values = read(z.object({ values: z.record(z.string(), z.unknown()) }), state).values;
  const elements = read(
    z.record(z.string(), z.unknown()),
    Object.hasOwn(values, id) ? values[id] : undefined,
  );
  return read(element, Object.hasOwn(elements, id) ? elements[id] : undefined);
}

function readReason(state: unknown): string {
  const reason = readInput(state, 'reason', typedState).value?.trim() ?? '';
  if (reason === '') throw fault('reason', 'reason_missing', 'This needs a reason: say why.');
  if (reason.length > MAX_REASON) {
    throw fault('reason', 'reason_too_long', `The reason has more than ${MAX_REASON} characters.`);
  }
  if (!reason.isWellFormed()) throw malformed('The reason holds a lone surrogate');
  return reason;
}

function readTyped(state: unknown): string {
  const typed = readInput(state, 'typed', typedState).value ?? '';
  if (typed === '') throw fault('typed', 'typed_missing', 'Type the name of what would be touched.');
  if (typed.length > MAX_TYPED) {
    throw fault('typed', 'typed_too_long', `The name has more than ${MAX_TYPED} characters.`);
  }
  if (!typed.isWellFormed()) throw malformed('What was typed holds a lone surrogate');
  return typed;
}

function readOther(state: unknown): string {
  const user = readInput(state, 'to', personState).selected_user;
  if (user == null) throw fault('to', 'other_missing', 'Name somebody to hand this to.');
  return user;
}

function readChoice(state: unknown, input: 'ran' | 'justified'): boolean {
  const chosen = readInput(state, input, choiceState).selected_option;
  if (chosen == null) throw fault(input, 'choice_missing', 'Choose one of the two.');
  return chosen.value === 'yes';
}

function fault(input: Input, code: string, message: string): AssentError {
  return new AssentError(code, message, { evidence: { input } });
}

/** The answer to a submitted modal that keeps it open and says why at one of its inputs. */
export function inputRefused(input: Input, message: string) {
  return { response_action: 'errors', errors: { [INPUTS[input]]: message } } as const;
}

/** What a form itself can show, and stay open until it is mended; null for every other error. */
export function faultInForm(error: unknown): object | null {
  if (!(error instanceof AssentError)) return null;
  const input = z.enum(INPUTS).safeParse(error.evidence.input);
  return input.success ? inputRefused(input.data, error.message) : null;
}

/** The input at which a modal can say why it came to nothing; null where it has none. */
export function inputFor(submitted: Submitted, code: string): Input | null {
  switch (submitted.kind) {
    case 'approve_submitted': {
      const { reason, typed } = submitted;
      if (typed !== null && (code === 'typed_mismatch' || reason === null)) return 'typed';
      return reason === null ? null : 'reason';
    }
    case 'defer_submitted':
      return code === 'other_not_eligible' ? 'to' : 'reason';
    default:
      return 'reason';
  }
}
