/** config.set at work, on the files below the roots that the executor is configured for. */
import { isAbsolute } from 'node:path';
import { digestOf } from '../../approval/digest.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { type Implementation, implement } from '../implement.ts';
import { type ConfigInput, configSet } from './definition.ts';
import { diffOf } from './diff.ts';
import { edited } from './edit.ts';
import { type ConfigFacts, parseFacts } from './facts.ts';
import { type Place, within } from './place.ts';
import { type Found, MAX_FILE, readPlain } from './read.ts';
import { changed, refused } from './refused.ts';
import { replace } from './write.ts';

export interface ConfigSetOptions {
  /** Directories by the name that a request's `root` gives: absolute, by their real paths, writable by no other user. */
  readonly roots: Readonly<Record<string, string>>;
}

/** @throws AssentError `config_options_malformed` */
export function implementConfigSet({ roots }: ConfigSetOptions): Implementation {
  const byName = new Map(Object.entries(roots));
  for (const [name, root] of byName) {
    if (isAbsolute(root)) continue;
    throw new AssentError('config_options_malformed', `roots.${name}: write an absolute path.`);
  }
  const find = (name: string): string => {
    const root = byName.get(name);
    if (root !== undefined) return root;
    throw new AssentError('root_unknown', `This executor is configured for no root named ${name}.`);
  };
  const at = <Result>({ root, file }: ConfigInput, work: (place: Place) => Promise<Result>) =>
    within(find(root), file, work);
  return implement(configSet, {
    async preview({ input }) {
      return at(input, async (place) => ({ ...factsOf(await look(place, input)) }));
    },
    async preconditions({ input }) {
      const { if_digest, file } = input;
      if (if_digest === undefined) return [];
      const found = await at(input, readPlain);
      if (found?.digest === if_digest) return [];
      return [`The file ${file} is ${found?.digest ?? 'not there'}, and was to be ${if_digest}`];
    },
    async execute({ input, approved }) {
      return at(input, async (place) => set(place, input, approved === null ? null : parseFacts(approved)));
    },
  });
}

interface Look {
  readonly found: Found | null;
  readonly text: string;
}

async function look(place: Place, input: ConfigInput): Promise<Look> {
  const found = await readPlain(place);
  await place.check();
  const text = edited(input, found?.text ?? '');
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_FILE) {
    throw refused(
      'config_file_refused',
      input.file,
      `it would have ${bytes} bytes; at most ${MAX_FILE} are written`,
    );
  }
  return { found, text };
}

function factsOf({ found, text }: Look): ConfigFacts {
  const { lines, added, removed, cut } = diffOf(found?.text ?? '', text);
  return {
    before: found?.digest ?? null,
    after: digestOf(text),
    exists: found !== null,
    diff: [...lines],
    added,
    removed,
    cut,
  };
}

/** Without a preview, nothing but `if_digest` says what the file was to be. */
async function set(place: Place, input: ConfigInput, approved: ConfigFacts | null): Promise<JsonObject> {
  const { found, text } = await look(place, input);
  const before = found?.digest ?? null;
  const after = digestOf(text);
  const { file, if_digest } = input;
  if (if_digest !== undefined && if_digest !== before) throw changed(file);
  if (approved !== null && (approved.before !== before || approved.after !== after)) throw changed(file);
  if (before !== after) await replace(place, found, text);
  return { file, before, after };
}
