/**
 * The facts of a preview of config.set: the file's digest as it is and as it would be, and the lines that differ.
 *
 * Of the file, only lines that change are told: what stands beside them could be secret.
 */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { Digest, JsonObject } from '../../approval/types.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value));

const schema = z.strictObject({
  /** Null where the file does not exist yet. */
  before: digest.nullable(),
  after: digest,
  exists: z.boolean(),
  /** Unified, without lines of context; line breaks other than \n are in the lines as they are. */
  diff: z.array(z.string()),
  added: z.int().min(0),
  removed: z.int().min(0),
  /** How many lines of the diff are left out or cut short; 0 where it is whole. */
  cut: z.int().min(0),
});

export type ConfigFacts = z.infer<typeof schema>;

/** @throws AssentError `facts_malformed` */
export function parseFacts(facts: JsonObject): ConfigFacts {
  const parsed = schema.safeParse(facts);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AssentError(
    'facts_malformed',
    `These are not the facts of a preview of config.set: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

export function impactOf(facts: JsonObject): readonly string[] {
  const { exists, before, after, diff, added, removed, cut } = parseFacts(facts);
  if (before === after) return ['Nothing would change: the file says so already'];
  const lines = `${added} ${added === 1 ? 'line' : 'lines'} added, ${removed} removed`;
  return [
    exists ? `The file would change: ${lines}` : `The file does not exist and would be created: ${lines}`,
    ...(cut === 0
      ? []
      : [`The difference is too long to show whole: ${cut} of its lines are cut or left out`]),
    ...diff,
  ];
}
