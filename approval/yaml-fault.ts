/** Faults in a configuration file, and a schema's issues in a person's words. */
import { z } from 'zod';
import { AssentError } from './error.ts';
import type { PlaceOptions, YamlPath } from './yaml-place.ts';

/** `line` and `column` are 1-based; `path` reads like `rules[0].timeout`. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

export type YamlFaultCode =
  | 'policy_invalid'
  | 'directory_invalid'
  | 'cases_invalid'
  | 'trust_invalid'
  | 'targets_invalid';

/** A fault at a path of one file; the message says what is wrong; the cure. */
export type FaultAt = (path: YamlPath, message: string, options?: PlaceOptions) => Fault;

/** @throws AssentError with `evidence.faults` in the file's order, unless there are none */
export function refuseFaults(code: YamlFaultCode, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const ordered = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  throw new AssentError(code, ordered.map(faultText).join('\n'), { evidence: { faults: ordered } });
}

/** `file:line:column: path: message`, as editors and terminals link it. */
export function faultText({ file, line, column, path, message }: Fault): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

export function pathText(path: YamlPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./u, '');
}

/** A map with these keys and no others; an unknown key is told which ones there are. */
export function mapping<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key; known here: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** A custom issue with `params: {offset}` has the place of that character of its scalar. */
const placed = z.object({ offset: z.int().min(0) });

export function faultsOfIssue(issue: z.core.$ZodIssue, value: unknown, at: FaultAt): readonly Fault[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => at([...path, key], issue.message, { key: true }));
    case 'invalid_key':
      return [at(path, issue.issues[0]?.message ?? issue.message, { key: true })];
    case 'invalid_type':
      return [at(path, typeWords(issue.expected, valueAt(value, path)))];
    case 'custom': {
      const params = placed.safeParse(issue.params);
      return [at(path, issue.message, params.success ? params.data : {})];
    }
    default:
      return [at(path, valueAt(value, path) === undefined ? 'is missing; add it' : issue.message)];
  }
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['int', 'a whole number'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['object', 'a map'],
  ['record', 'a map'],
  ['array', 'a list'],
  ['null', 'nothing'],
]);

function typeWords(expected: string, found: unknown): string {
  if (found === undefined) return 'is missing; add it';
  const actual = found === null ? 'null' : Array.isArray(found) ? 'array' : typeof found;
  return `is ${typeNames.get(actual) ?? actual}; write ${typeNames.get(expected) ?? expected}`;
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (current, part) =>
      typeof current === 'object' && current !== null
        ? Object.getOwnPropertyDescriptor(current, part)?.value
        : undefined,
    value,
  );
}
