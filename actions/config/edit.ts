/** All edits of one request on a file's text: refused unless the result, read again, means exactly what was asked. */
import { isDeepStrictEqual } from 'node:util';
import { AssentError } from '../../approval/error.ts';
import type { Json, JsonObject } from '../../approval/types.ts';
import type { ConfigInput } from './definition.ts';
import { type FileDocument, readDocument } from './document.ts';
import { type Path, pathText } from './path.ts';
import { refused } from './refused.ts';
import { removal, type Splice, setting, Unspliceable } from './splice.ts';

/**
 * The text as it would be; `text` is empty where there is no file.
 *
 * @throws AssentError `config_unreadable`, `config_path_refused`, `config_edit_unsure`
 */
export function edited({ file, set, remove }: ConfigInput, text: string): string {
  let document = readDocument(file, text);
  for (const { path, value } of set) {
    if (isDeepStrictEqual(valueAt(document.value, path), value)) continue;
    const wanted = withValue(document.value, path, value);
    document = spliced(file, document, path, wanted, () => setting(document, path, value));
  }
  for (const path of remove) {
    const wanted = without(document.value, path);
    document = spliced(file, document, path, wanted, () => removal(document, path));
  }
  return document.text;
}

function spliced(
  file: string,
  { text }: FileDocument,
  path: Path,
  wanted: Json,
  find: () => Splice,
): FileDocument {
  const { from, to, text: put } = attempted(file, find);
  const after = text.slice(0, from) + put + text.slice(to);
  const document = readAgain(file, after);
  if (document !== null && isDeepStrictEqual(document.value, wanted)) return document;
  throw refused(
    'config_edit_unsure',
    file,
    `the place of ${pathText(path)} is written in a way that can't be changed surely; mend it by hand`,
  );
}

function attempted(file: string, find: () => Splice): Splice {
  try {
    return find();
  } catch (error) {
    if (error instanceof Unspliceable) throw refused('config_path_refused', file, error.message);
    throw error;
  }
}

function readAgain(file: string, text: string): FileDocument | null {
  try {
    return readDocument(file, text);
  } catch (error) {
    if (error instanceof AssentError) return null;
    throw error;
  }
}

function valueAt(current: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, step) => {
    if (value === undefined) return undefined;
    if (isList(value)) return typeof step === 'number' ? value[step] : undefined;
    return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, current);
}

/** What the file should mean afterwards; where the path can't be followed, whatever: the splice refuses it. */
function withValue(current: Json, [step, ...rest]: Path, value: Json): Json {
  if (step === undefined) return value;
  if (isList(current)) {
    return current.map((item, index) => (index === step ? withValue(item, rest, value) : item));
  }
  const map = isObject(current) ? current : {};
  return { ...map, [step]: withValue(own(map, step), rest, value) };
}

function without(current: Json, [step, ...rest]: Path): Json {
  if (step === undefined) return current;
  if (isList(current)) return current.map((item, index) => (index === step ? without(item, rest) : item));
  if (!isObject(current)) return current;
  const entries = Object.entries(current);
  return Object.fromEntries(
    rest.length === 0
      ? entries.filter(([key]) => key !== step)
      : entries.map(([key, value]) => [key, key === step ? without(value, rest) : value]),
  );
}

function own(map: JsonObject, step: string | number): Json {
  return Object.hasOwn(map, step) ? (map[step] ?? null) : null;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
