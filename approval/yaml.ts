/**
 * Configuration in YAML, read strictly: one document, plain maps, lists and scalars, each fault with its place.
 *
 * A fault reads `policy.yaml:12:5: rules[0].timeout: what is wrong; the cure`, and all that one look at the file
 * can find are in one error.
 */
import { readFile, stat } from 'node:fs/promises';
import { type Document, LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { AssentError } from './error.ts';
import {
  type Fault,
  type FaultAt,
  faultsOfIssue,
  pathText,
  refuseFaults,
  type YamlFaultCode,
} from './yaml-fault.ts';
import { placeAt, placeOf, type YamlSource } from './yaml-place.ts';
import { plainOf } from './yaml-plain.ts';

/** A directory of some ten thousand people with their keys. */
const MAX_BYTES = 8 * 1024 * 1024;

export interface YamlDocument<T> {
  readonly value: T;
  /** For what a schema alone can't know. */
  readonly faultAt: FaultAt;
  /** @throws AssentError with the faults, unless there are none */
  readonly refuse: (faults: readonly Fault[]) => void;
}

export interface YamlSpec<T> {
  /** As faults name it. */
  readonly file: string;
  readonly code: YamlFaultCode;
  readonly schema: z.ZodType<T>;
}

/** @throws AssentError with the spec's code and `evidence.faults`, a list of Fault in the file's order */
export function parseYaml<T>(text: string, { file, code, schema }: YamlSpec<T>): YamlDocument<T> {
  const refuse = (faults: readonly Fault[]) => refuseFaults(code, faults);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // It compares each key with every other; plainOf looks them up.
    uniqueKeys: false,
  });
  const source: YamlSource = { text, lines, root: documents[0]?.contents ?? null };
  const atOffset = ({ offset, message, path = [] }: Finding): Fault => ({
    file,
    ...placeAt(source, offset),
    path: pathText(path),
    message,
  });
  const faultAt: FaultAt = (path, message, options) => ({
    file,
    ...placeOf(source, path, options),
    path: pathText(path),
    message,
  });

  refuse(syntaxFindings(documents).map(atOffset));
  const plain = plainOf(source.root);
  refuse(plain.faults.map(atOffset));
  const parsed = schema.safeParse(plain.value);
  if (parsed.success) return { value: parsed.data, faultAt, refuse };
  refuse(parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, plain.value, faultAt)));
  throw new AssentError(code, `${file} does not fit its schema, which does not say where.`);
}

/** @throws AssentError `file_unreadable`: absent, no file, over 8 MiB, not UTF-8 */
export async function readConfiguration(file: string): Promise<string> {
  const unreadable = (why: string, cause?: unknown) =>
    new AssentError('file_unreadable', `${file} can't be read: ${why}`, { cause, evidence: { file } });
  const { size } = await stat(file).catch((cause: unknown) => {
    throw unreadable('check the path and its permissions.', cause);
  });
  if (size > MAX_BYTES) throw unreadable('it is over 8 MiB; a configuration file is smaller.');
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unreadable('check that it is a file and may be read.', cause);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable('it is not UTF-8; save it as UTF-8.', cause);
  }
}

interface Finding {
  readonly offset: number;
  readonly message: string;
  readonly path?: readonly PropertyKey[];
}

function syntaxFindings(documents: ReturnType<typeof parseAllDocuments>): readonly Finding[] {
  const [document, second] = documents;
  if (document === undefined) return [{ offset: 0, message: 'the file is empty; write its sections' }];
  return [
    ...directiveFindings(document),
    ...errorFindings([...document.errors, ...document.warnings]),
    ...(second === undefined
      ? []
      : [
          {
            offset: second.range?.[0] ?? 0,
            message: 'a second document begins; one file holds one document',
          },
        ]),
  ];
}

/** %YAML 1.1 would turn `no` into false and `1:30` into 90; %TAG renames types. */
function directiveFindings({ directives }: Document): readonly Finding[] {
  const renamed = Object.keys(directives?.tags ?? {}).length > 1;
  return directives?.yaml.explicit === true || renamed
    ? [{ offset: 0, message: 'a % directive changes how the file is read; leave it out' }]
    : [];
}

/** Errors after which the rest of the file is read as it was meant. */
const LOCAL: ReadonlySet<YAMLError['code']> = new Set([
  'TAG_RESOLVE_FAILED',
  'NON_STRING_KEY',
  'BAD_DIRECTIVE',
]);

/** What the parser says after the first break in the structure is noise, except for an exhausted stack. */
function errorFindings(errors: readonly YAMLError[]): readonly Finding[] {
  const ordered = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const exhausted = ordered.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  const broken = ordered.findIndex(({ code }) => !LOCAL.has(code));
  const told = exhausted !== undefined ? [exhausted] : broken < 0 ? ordered : ordered.slice(0, broken + 1);
  return told.map((error) => ({ offset: error.pos[0], message: words(error) }));
}

function words({ code, message }: YAMLError): string {
  if (code === 'RESOURCE_EXHAUSTION') return 'nested too deep to be read; flatten it';
  return `${message.replace(/\.$/u, '')}; the file must be valid YAML 1.2`;
}
