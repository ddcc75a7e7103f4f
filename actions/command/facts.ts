/** The facts of a preview of command.run: exactly what would be started, and within which bounds. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';

const schema = z.strictObject({
  /** The executable's path first; each element goes to the process as it stands. */
  argv: z.array(z.string()).min(1),
  /** Null for a new empty directory, removed afterwards. */
  cwd: z.string().nullable(),
  /** Names of the variables; the process gets these and no others. */
  env: z.array(z.string()),
  timeout_seconds: z.int().min(1),
  /** Of each of the two outputs, in bytes. */
  output_limit: z.int().min(0),
  /** Whether the agent is given what the command says, or digests of it. */
  output: z.enum(['keep', 'digest']),
});

export type CommandFacts = z.infer<typeof schema>;

export function impactOf(facts: JsonObject): readonly string[] {
  const parsed = schema.safeParse(facts);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AssentError(
      'facts_malformed',
      `These are not the facts of a preview of command.run: ${issue?.path.join('.')}: ${issue?.message}.`,
    );
  }
  const { argv, cwd, env, timeout_seconds, output_limit, output } = parsed.data;
  return [
    `Would start: ${JSON.stringify(argv)}`,
    `In ${cwd === null ? 'a new empty directory' : cwd}, for at most ${timeout_seconds} seconds`,
    env.length === 0 ? 'Without environment variables' : `Environment variables: ${env.join(', ')}`,
    output === 'keep'
      ? `The agent reads what it says: at most ${output_limit} bytes of each output`
      : 'The agent does not read what it says',
  ];
}
