/** A card's content at the terminal: the canonical action, what it would do, and whose words are whose. */
import type { Case } from '../audit/case.ts';
import { type CardContent, cardDigest } from '../client/vocabulary.ts';
import { field, fold, wrap } from './layout.ts';
import { bullet, requirementLines } from './requirement-lines.ts';
import { visible, visibleJson, visibleLines } from './visible.ts';
import { shortDigest } from './words.ts';

/** What a request's card says; where nobody is asked, what there is to say. */
export function caseLines(subject: Case, columns: number): readonly string[] {
  const { content, examined, dossier } = subject;
  if (content !== null) return cardLines(content, subject, columns);
  const { claims, agent, action, request_id } = dossier.request.statement;
  const { title, target, description } = examined;
  const line = (name: string, value: string) => field(name, visible(value), columns);
  return [
    ...wrap(visible(title), columns),
    '',
    ...line('Request', request_id),
    ...line('Target', target),
    ...line('Agent', agent),
    ...effectLines(description, columns),
    ...agentLines({ claims }, columns),
    ...inputLines(action, columns),
  ];
}

export function cardLines(
  content: CardContent,
  subject: Pick<Case, 'policy' | 'standings'>,
  columns: number,
): readonly string[] {
  const line = (name: string, value: string) => field(name, visible(value), columns);
  const { title, target, agent, action, risk, request_id } = content;
  return [
    ...wrap(visible(title), columns),
    '',
    ...line('Request', request_id),
    ...line('Target', target),
    ...line('Agent', agent),
    ...line('Risk', risk),
    ...changeLines(content, columns),
    ...effectLines([...content.impact, ...content.description], columns),
    ...agentLines(content, columns),
    ...inputLines(action, columns),
    '',
    ...requirementLines(subject, columns),
    '',
    ...wrap(`Digests: ${digestsOf(content)}`, columns),
  ];
}

function effectLines(effects: readonly string[], columns: number): readonly string[] {
  if (effects.length === 0) return [];
  return ['', 'What it would do', ...effects.flatMap((text) => bullet(text, columns))];
}

function inputLines({ name, input }: CardContent['action'], columns: number): readonly string[] {
  const heading = `${visible(name)} with exactly this input`;
  return ['', ...wrap(heading, columns), ...jsonLines(input, columns)];
}

function changeLines({ revision, changed }: CardContent, columns: number): readonly string[] {
  if (revision < 2) return [];
  if (changed.length === 0) return ['', 'Asked again: it did not run in time, and nothing changed.'];
  return ['', 'Asked again because this changed', ...changed.flatMap((text) => bullet(text, columns))];
}

/** Indented throughout, so that no word of it stands where Assent's own do. */
export function agentLines({ claims }: Pick<CardContent, 'claims'>, columns: number): readonly string[] {
  const { on_behalf_of, intent, reason, trigger, context } = claims;
  const said = (label: string, text: string | null) =>
    text === null
      ? []
      : [
          ...wrap(visible(label), columns, 2),
          ...visibleLines(text).flatMap((part) => wrap(part, columns, 4)),
        ];
  const lines = [
    ...said('It acts for', on_behalf_of),
    ...said(
      `It was asked${intent?.source == null ? '' : `, in ${intent.source}`}`,
      intent?.statement ?? null,
    ),
    ...said('It does this because', reason),
    ...said(
      'It was set off by',
      trigger === null ? null : [trigger.type, trigger.id, trigger.url].join(' ').trim(),
    ),
    ...(Object.keys(context).length === 0 ? [] : ['  It adds', ...jsonLines(context, columns, 4)]),
  ];
  return lines.length === 0 ? [] : ['', 'In the agent’s words, which nobody has verified', ...lines];
}

/** Canonical JSON, one value a line; whatever can't be seen in it is escaped. */
export function jsonLines(value: unknown, columns: number, indent = 2): readonly string[] {
  return visibleJson(value)
    .split('\n')
    .flatMap((text) => fold(text, columns, indent));
}

function digestsOf(content: CardContent): string {
  const { action_digest, preview_digest, rule_digest } = content;
  return [
    `action ${shortDigest(action_digest)}`,
    `preview ${shortDigest(preview_digest)}`,
    `rule ${shortDigest(rule_digest)}`,
    `card ${shortDigest(cardDigest(content))}`,
  ].join(', ');
}
