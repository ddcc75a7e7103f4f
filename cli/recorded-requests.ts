/**
 * Requests as they were asked, from the book or from a file of lines:
 *
 *     {"request": …, "preview": {"rows": 10}, "now": "2026-03-01T09:30:00.000Z"}
 *
 * One at a time, so that any number of them can be gone through.
 */
import { z } from 'zod';
import { recordedRequests } from '../audit/recorded.ts';
import type { Json, JsonObject, RequestStatement } from '../client/vocabulary.ts';
import { AssentError, parseEnvelope, parseJson, statementSchemas } from '../client/vocabulary.ts';
import { givenRequest } from '../policy/given-request.ts';
import { instantSchema } from '../policy/moment.ts';
import { readDatabase } from './read-database.ts';
import { readLines } from './read-lines.ts';
import type { Terminal } from './terminal.ts';

export interface AskedOnce {
  readonly request: RequestStatement;
  /** As the executor computed it at its preview; null where that is not known. */
  readonly resource: JsonObject | null;
  readonly preview: JsonObject | null;
  /** When policy judged it. */
  readonly now: Date;
}

/** What can't be read is told, not passed over. */
export type Recorded = AskedOnce | { readonly place: string; readonly unread: string };

/** @throws AssentError as `readDatabase` does */
export async function eachBooked(
  terminal: Pick<Terminal, 'env'>,
  since: Date | null,
  see: (recorded: Recorded) => void,
): Promise<void> {
  await readDatabase(terminal, async (db) => {
    for await (const { request_id, envelope, preview } of recordedRequests(db, since)) {
      see(reading(request_id, () => bookedOnce(envelope, preview)));
    }
  });
}

/** @throws AssentError `file_unreadable` */
export async function eachLine(
  file: string,
  since: Date | null,
  see: (recorded: Recorded) => void,
): Promise<void> {
  let number = 0;
  for await (const line of readLines(file)) {
    number += 1;
    if (line?.trim() === '') continue;
    const recorded = reading(`${file}:${number}`, () => {
      if (line === null) throw new AssentError('json_too_large', 'The line is longer than is taken.');
      return writtenOnce(parseJson(line));
    });
    if (
      'unread' in recorded ||
      since === null ||
      Date.parse(recorded.request.requested_at) >= since.getTime()
    ) {
      see(recorded);
    }
  }
}

function reading(place: string, read: () => AskedOnce): Recorded {
  try {
    return read();
  } catch (error) {
    if (error instanceof AssentError) return { place, unread: error.message };
    throw error;
  }
}

function bookedOnce(envelope: string, preview: string | null): AskedOnce {
  const request = givenRequest(parsed(envelope), null);
  if (preview === null) {
    return { request, resource: null, preview: null, now: new Date(request.requested_at) };
  }
  const { payload } = parseEnvelope(parsed(preview));
  const { data } = statementSchemas.preview.safeParse(parseJson(Buffer.from(payload, 'base64').toString()));
  if (data === undefined) throw new AssentError('statement_malformed', 'Its preview is none.');
  const { resource, facts, previewed_at } = data;
  return { request, resource, preview: facts, now: new Date(previewed_at) };
}

/** An envelope holds its statement in base64, and so more than a JSON text may. */
function parsed(text: string): Json {
  try {
    return z.json().parse(JSON.parse(text));
  } catch (cause) {
    throw new AssentError('envelope_malformed', 'What the book holds of it is no JSON.', { cause });
  }
}

const lineSchema = z.strictObject({
  request: z.json(),
  resource: z.record(z.string(), z.json()).nullable().default(null),
  preview: z.record(z.string(), z.json()).nullable().default(null),
  now: instantSchema.optional(),
});

function writtenOnce(json: Json): AskedOnce {
  const { data, error } = lineSchema.safeParse(json);
  if (data === undefined) {
    const [issue] = error.issues;
    const what = `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
    throw new AssentError('request_malformed', `It is no {"request": …, "preview": …, "now": …}: ${what}.`);
  }
  const { request, resource, preview, now } = data;
  const asked = givenRequest(request, now === undefined ? null : new Date(now));
  return { request: asked, resource, preview, now: new Date(now ?? asked.requested_at) };
}
