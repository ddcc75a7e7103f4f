/** What became of an export: the file on the disk, held against the target database and the executor's word. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { digestOfJson } from '../../../approval/digest.ts';
import type { Digest, JsonObject } from '../../../approval/types.ts';
import type { World } from '../world.ts';

export async function exportedFiles({ stack: { files } }: World): Promise<readonly string[]> {
  return (await readdir(files.exports)).toSorted();
}

export interface Content {
  readonly rows: number;
  /** Of all rows, sorted. */
  readonly digest: Digest;
}

export async function fileContent({ stack: { files } }: World, file: string): Promise<Content> {
  const text = await readFile(join(files.exports, file), 'utf8');
  return contentOf(text.trimEnd().split('\r\n').slice(1));
}

/** What the target database itself answers to a SELECT whose values need no quotes. */
export async function targetContent({ stack: { target } }: World, statement: string): Promise<Content> {
  const client = new pg.Client({ connectionString: target.superuserUrl });
  // A server that stops in between fails the query, which says so; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' });
    return contentOf(rows.map((row) => row.join(',')));
  } finally {
    await client.end();
  }
}

function contentOf(lines: readonly string[]): Content {
  return { rows: lines.length, digest: digestOfJson(lines.toSorted()) };
}

/** The digest that an export's Finish has where the file holds what the executor wrote, and nothing since. */
export async function resultDigest({ stack: { files } }: World, file: string): Promise<Digest> {
  const bytes = await readFile(join(files.exports, file));
  const { rows } = contentOf(bytes.toString().trimEnd().split('\r\n').slice(1));
  const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return digestOfJson({ file, rows, defused: 0, sha256, bytes: bytes.byteLength });
}

/** Whether the file was last written between two times. */
export async function writtenWithin(
  { stack: { files } }: World,
  file: string,
  from: string,
  to: string,
): Promise<boolean> {
  const { mtimeMs } = await stat(join(files.exports, file));
  return Date.parse(from) <= mtimeMs && mtimeMs <= Date.parse(to) + 1;
}

const inputSchema = z.object({ statement: z.string(), file: z.string() });

/** The statement and the file of an export, as they stand in its request. */
export function exportIn(input: JsonObject): z.infer<typeof inputSchema> {
  return inputSchema.parse(input);
}
