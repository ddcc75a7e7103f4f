/** A JSON object from a file or from standard input. */
import { createReadStream } from 'node:fs';
import type { Json, JsonObject } from '../client/vocabulary.ts';
import { AssentError, MAX_JSON_BYTES, parseJson } from '../client/vocabulary.ts';
import type { Terminal } from './terminal.ts';

/**
 * @param file `-` is standard input
 * @param what it is, for words
 * @throws AssentError `file_unreadable`, `input_malformed`, `json_…`, each naming the file
 */
export async function readInput(
  file: string,
  { input }: Pick<Terminal, 'input'>,
  what = "an action's input",
): Promise<JsonObject> {
  const place = file === '-' ? 'standard input' : file;
  const text = await textOf(file === '-' ? input : createReadStream(file), place);
  let json: Json;
  try {
    json = parseJson(text);
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    throw new AssentError(error.code, `${place}: ${error.message}`, { cause: error });
  }
  if (isObject(json)) return json;
  throw new AssentError('input_malformed', `${place}: ${what} is a JSON object: {"name": value, …}.`);
}

/** Reads no further than anybody would take. */
async function textOf(source: AsyncIterable<Uint8Array | string>, place: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      const part = Buffer.from(chunk);
      chunks.push(part);
      bytes += part.length;
      if (bytes > MAX_JSON_BYTES) throw tooLarge(place);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    if (cause instanceof AssentError) throw cause;
    const why = cause instanceof TypeError ? 'it is not UTF-8' : 'check the path and its permissions';
    throw new AssentError('file_unreadable', `${place} can't be read: ${why}.`, { cause });
  }
}

function tooLarge(place: string): AssentError {
  return new AssentError(
    'json_too_large',
    `${place}: it has more than ${MAX_JSON_BYTES} bytes, the most that are taken.`,
  );
}

export function isObject(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
