/** What of a decision is compared, in words: of a field and its value. */
import type { Json } from '../client/vocabulary.ts';
import type { Change } from '../policy/compare.ts';
import { durationWords } from '../policy/duration.ts';
import { type AskedPart, partWords } from '../policy/outline.ts';

export function valueWords(field: string, value: Json): string {
  if (value === null) return field === 'rule' ? 'none, by default' : 'none';
  if (field === 'approvals' && isParts(value)) return partWords(value);
  if (field.endsWith('_seconds') && typeof value === 'number') return durationWords(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) {
    if (value.length === 0) return PEOPLE.has(field) ? 'nobody' : 'none';
    const flat = value.every((one) => typeof one !== 'object');
    return value.map((one) => valueWords(field, one)).join(flat ? ', ' : '; ');
  }
  return Object.entries(value)
    .filter(([, one]) => !isList(one) || one.length > 0)
    .map(([name, one]) => `${nameOf(name)} ${valueWords(name, one)}`)
    .join(', ');
}

const PEOPLE: ReadonlySet<string> = new Set(['eligible', 'excluded']);

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isParts(value: Json): value is readonly AskedPart[] {
  return (
    isList(value) &&
    value.every((part) => typeof part === 'object' && part !== null && ('any_of' in part || 'count' in part))
  );
}

/** `timeout: 4 hours → 8 hours` */
export function changeWords({ field, before, after }: Change): string {
  const words = (value: Json) => valueWords(field, value);
  return `${nameOf(field)}: ${words(before)} → ${words(after)}`;
}

/** As policy.yaml has it. */
export function nameOf(field: string): string {
  return field.replace(/_(?:seconds|percent)$/, '');
}
