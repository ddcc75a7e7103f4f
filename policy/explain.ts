/**
 * A decision in words, one sentence each: which rule, what it read, who may approve and who not.
 *
 * Values come from the agent's input: they are quoted as JSON and cut, and whoever shows a sentence still has to
 * escape it for where it is shown.
 */
import type { Digest, Json } from '../approval/types.ts';
import type { Condition, Facts } from './condition.ts';
import type { Reading } from './condition-names.ts';
import type { Directory } from './directory.ts';
import type { Policy, Proof, Rule } from './policy.ts';

const LONGEST_VALUE = 120;
export const LONGEST_LIST = 10;

/** `Rule crm of policy 1a2b3c4d5e6f matches "sql.export", because `…` with resource.database = "crm" holds.` */
export function matchWords(rule: Rule, policy: Policy, facts: Facts): string {
  const because = rule.when === null ? '' : `, because ${weighed(rule.when, facts)} holds`;
  return `Rule ${rule.id} of policy ${short(policy.digest)} matches ${quote(facts.action.name)}${because}.`;
}

export function failureWords(rule: Rule, policy: Policy, facts: Facts, failure: string): string {
  const what = rule.when === null ? 'its condition' : weighed(rule.when, facts);
  return `Rule ${rule.id} of policy ${short(policy.digest)} can't be judged, so this is denied: ${what} failed: ${failure}.`;
}

/** Why nothing matched: the rules for this action whose condition did not hold. */
export function defaultWords(missed: readonly Rule[], policy: Policy, facts: Facts): readonly string[] {
  const shown = missed.slice(0, LONGEST_LIST).map((rule) => {
    const what = rule.when === null ? 'its condition' : weighed(rule.when, facts);
    return `Rule ${rule.id} does not match: ${what} does not hold.`;
  });
  return [
    `No rule of policy ${short(policy.digest)} matches ${quote(facts.action.name)}, and what no rule matches is denied.`,
    ...shown,
    ...(missed.length > shown.length ? [`${missed.length - shown.length} more rules do not match.`] : []),
  ];
}

export function previewWords(rule: Rule, policy: Policy): string {
  return `Rule ${rule.id} of policy ${short(policy.digest)} depends on the preview, and there is none yet; without it this is denied.`;
}

export function proofWords(missing: Proof): string {
  switch (missing) {
    case 'attested_user':
      return 'It requires that somebody trusted vouches for the user, and nobody does, so this is denied.';
    case 'intent':
      return 'It requires the intent that the agent acts on, and the request states none, so this is denied.';
    case 'trigger':
      return 'It requires the event that set the agent off, and the request names none, so this is denied.';
  }
}

/** `Kari Hansen (kari)` */
export function named(id: string, directory: Directory): string {
  const person = directory.person(id);
  return person === null ? id : `${person.name} (${id})`;
}

export function quote(value: Json): string {
  const text = JSON.stringify(value);
  const characters = [...text];
  return characters.length <= LONGEST_VALUE ? text : `${characters.slice(0, LONGEST_VALUE).join('')}…`;
}

/** The first twelve hex digits: enough for a person to compare. */
function short(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** A condition with the values that it saw. */
function weighed({ source, readings }: Condition, facts: Facts): string {
  const values = readings.map((reading) => `${reading.path.join('.')} = ${valueWords(reading, facts)}`);
  const condition = `\`${source.replace(/\s+/gu, ' ').trim()}\``;
  return values.length === 0 ? condition : `${condition} with ${values.join(', ')}`;
}

function valueWords({ path }: Reading, { action, resource, agent, preview, attested, now }: Facts): string {
  const facts: Json = {
    action: { ...action },
    input: action.input,
    resource,
    agent: { ...agent },
    preview,
    attested,
    now: now.toISOString(),
  };
  const value = path.reduce<Json | undefined>(fieldOf, facts);
  return value === undefined ? 'nothing' : quote(value);
}

function fieldOf(value: Json | undefined, field: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
  return isList(value) ? undefined : value[field];
}

function isList(value: readonly Json[] | Readonly<Record<string, Json>>): value is readonly Json[] {
  return Array.isArray(value);
}

export function listed(ids: readonly string[], words: (id: string) => string): string {
  if (ids.length === 0) return 'nobody';
  const shown = ids.slice(0, LONGEST_LIST).map(words).join(', ');
  return ids.length > LONGEST_LIST ? `${shown} and ${ids.length - LONGEST_LIST} more` : shown;
}
