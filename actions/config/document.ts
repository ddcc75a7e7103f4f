/** A file's text as one strict document: its nodes with their places, and the value that they mean. */
import { isDeepStrictEqual } from 'node:util';
import { isScalar, type Node, parseAllDocuments } from 'yaml';
import { parseJson } from '../../approval/canonical-json.ts';
import { AssentError } from '../../approval/error.ts';
import type { Json } from '../../approval/types.ts';
import { plainOf } from '../../approval/yaml-plain.ts';
import { refused } from './refused.ts';

export interface FileDocument {
  readonly text: string;
  readonly json: boolean;
  /** Null where the file holds nothing but comments. */
  readonly root: Node | null;
  readonly value: Json;
}

/**
 * Both formats are read by the YAML parser, which knows the places; JSON's strict parser has to agree.
 *
 * @throws AssentError `config_unreadable`: not that format, or more than one reading of it
 */
export function readDocument(file: string, text: string): FileDocument {
  const json = file.endsWith('.json');
  const documents = parseAllDocuments(text, { prettyErrors: false, stringKeys: true });
  const [document, second] = documents;
  if (document === undefined) return empty(file, text, json);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw unreadable(file, `${fault.code} at character ${fault.pos[0] + 1}`);
  if (second !== undefined) throw unreadable(file, 'it holds more than one document');
  const { directives } = document;
  if (directives?.yaml.explicit === true || Object.keys(directives?.tags ?? {}).length > 1) {
    throw unreadable(file, 'a % directive changes how it is read');
  }
  const { value, faults } = plainOf(document.contents);
  const [odd] = faults;
  if (odd !== undefined) throw unreadable(file, `at character ${odd.offset + 1}: ${odd.message}`);
  if (json && !isDeepStrictEqual(value, strictJson(file, text))) {
    throw unreadable(file, 'it can be read in two ways');
  }
  const { contents } = document;
  if (!json && (contents === null || isBlank(contents))) return empty(file, text, json);
  return { text, json, root: contents, value };
}

/** `key:` with nothing behind it, or a file of comments. */
export function isBlank(node: Node): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

function empty(file: string, text: string, json: boolean): FileDocument {
  if (json && text !== '') throw unreadable(file, 'it is not JSON');
  return { text, json, root: null, value: {} };
}

function strictJson(file: string, text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof AssentError) throw unreadable(file, `${error.code}: ${error.message}`);
    throw error;
  }
}

function unreadable(file: string, why: string): AssentError {
  return refused('config_unreadable', file, `${why.replace(/\.$/u, '')}; mend it by hand`);
}
