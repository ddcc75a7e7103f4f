/**
 * config.set: sets and removes values of one JSON or YAML file below a configured root.
 *
 * The values stand in the request in plain, for reviewers to read, and so in the book for good: no place for
 * secrets.
 */
import { z } from 'zod';
import type { Digest, Json } from '../../approval/types.ts';
import { defineAction } from '../define.ts';
import { impactOf } from './facts.ts';
import { overlapping, type Path, pathText } from './path.ts';

const MAX_EDITS = 32;
const MAX_VALUE = 10_000;

const path = z
  .array(
    z.union([
      z
        .string()
        .min(1, 'a key is not empty')
        .max(200)
        .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'a key holds nothing invisible')
        .refine((key) => key !== '__proto__' && key !== '<<', 'this key means something else to its readers'),
      z.int().min(0),
    ]),
  )
  .min(1, 'name at least one key')
  .max(16);

const value: z.ZodType<Json> = z
  .json()
  .refine((given) => JSON.stringify(given).length <= MAX_VALUE, `is longer than ${MAX_VALUE} characters`);

const input = z
  .strictObject({
    /** The name of a root in the executor's configuration. */
    root: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'name a root that the executor is configured for'),
    /** Relative to the root, plain names joined by `/`, ending in .json, .yaml or .yml. */
    file: z
      .string()
      .max(255)
      .regex(
        /^(?:(?!\.{1,2}\/)[A-Za-z0-9._@+-]{1,100}\/){0,8}[A-Za-z0-9._@+-]{1,90}\.(?:json|yaml|yml)$/,
        'name a .json, .yaml or .yml file by plain names joined by /, such as api/limits.yaml',
      ),
    /** Keys of maps and indices of lists, from the top; what is missing on the way is created as maps. */
    set: z.array(z.strictObject({ path, value })).max(MAX_EDITS),
    /** Keys of maps to take out; each must be there. `[]` where there are none. */
    remove: z.array(path).max(MAX_EDITS),
    /** Runs only while the file has these bytes. */
    if_digest: z
      .custom<Digest>(
        (given) => typeof given === 'string' && /^sha256:[0-9a-f]{64}$/.test(given),
        'write sha256: and 64 hex digits',
      )
      .optional(),
  })
  .superRefine(({ set, remove }, context) => {
    const paths = [...set.map((edit) => edit.path), ...remove];
    if (paths.length === 0)
      context.addIssue({ code: 'custom', message: 'names nothing to set or to remove' });
    const clash = overlapping(paths);
    if (clash !== null) {
      context.addIssue({
        code: 'custom',
        message: `${pathText(clash)} is named twice, or lies within another path; name each place once`,
      });
    }
  });

export interface ConfigInput {
  readonly root: string;
  readonly file: string;
  readonly set: readonly { readonly path: Path; readonly value: Json }[];
  readonly remove: readonly Path[];
  readonly if_digest?: Digest | undefined;
}

export const configSet = defineAction<ConfigInput>({
  name: 'config.set',
  input,
  resource: ({ root, file, set, remove }) => ({
    root,
    file,
    paths: set.map((edit) => pathText(edit.path)),
    removes: remove.map(pathText),
  }),
  title: ({ root, file, set, remove }) => {
    const paths = [...set.map((edit) => edit.path), ...remove].map(pathText);
    const [first] = paths;
    const what = paths.length === 1 ? first : `${paths.length} values`;
    return `${set.length === 0 ? 'Remove' : 'Set'} ${what} in ${file} of ${root}`;
  },
  describe: ({ set, remove, if_digest }) => [
    ...set.map((edit) => `Sets ${pathText(edit.path)} to ${JSON.stringify(edit.value)}`),
    ...remove.map((removed) => `Removes ${pathText(removed)}`),
    ...(if_digest === undefined ? [] : [`Only while the file is ${if_digest}`]),
  ],
  target: ({ file }) => file,
  fields: {
    resource: ['root', 'file', 'paths', 'removes'],
    preview: ['before', 'after', 'exists', 'diff', 'added', 'removed', 'cut'],
  },
  impact: impactOf,
});
