/** Edits of a running stack's policy and directory, as an editor makes them, and what its processes say of them. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { type Document, parseDocument } from 'yaml';
import { z } from 'zod';
import { type GuardFiles, guardOf, readGuardFiles } from '../../policy/guard.ts';
import { until } from './until.ts';

/** The whole file at once, and never half of it. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

export interface Edit {
  readonly files: GuardFiles;
  readonly file: keyof GuardFiles;
  /** The logs of every process that judges. */
  readonly logs: readonly string[];
  change(document: Document): void;
}

/** Resolves once every process judges by it. */
export async function edit({ files, file, logs, change }: Edit): Promise<void> {
  const before = await readGuardFiles(files);
  const document = parseDocument(before[file]);
  change(document);
  const after = { ...before, [file]: document.toString() };
  const { policy, directory } = guardOf(after, files);
  await replaceFile(files[file], after[file]);
  await until('every process has read it again', async () => {
    const read = await Promise.all(logs.map(lastRead));
    return read.every((one) => one?.policy === policy.digest && one.directory === directory.digest);
  });
}

const line = z.object({ msg: z.string(), policy: z.string().optional(), directory: z.string().optional() });
type Line = z.infer<typeof line>;

async function lastRead(log: string): Promise<Line | undefined> {
  return (await linesOf(log)).findLast(({ msg }) => msg === 'policy and directory were read again');
}

/** What a process has logged, as JSON, in order. */
export async function linesOf(log: string): Promise<readonly Line[]> {
  return (await readFile(log, 'utf8')).split('\n').flatMap((text) => {
    const parsed = line.safeParse(jsonOf(text));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Temporal's own lines among them are plain text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
