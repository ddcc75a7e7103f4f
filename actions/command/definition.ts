/**
 * command.run: one command of the executor's list, by its name, with arguments for the places that the list leaves
 * open.
 *
 * Every process loads this and none but the executor knows the list, so only shapes are checked here. Arguments
 * stand in the request in plain: no place for secrets.
 */
import { z } from 'zod';
import { defineAction } from '../define.ts';
import { impactOf } from './facts.ts';

export const MAX_ARGUMENT = 256;
/** Longer than any command may take, with the time to end it. */
export const MAX_SECONDS = 600;

const input = z.strictObject({
  /** The name of a command in the executor's configuration. */
  command: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'name a command that the executor is configured for'),
  /** By name, one for each place in the command's argv; `{}` where there are none. */
  args: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'an argument has a name in lower case'),
      z
        .string()
        .max(MAX_ARGUMENT)
        .regex(/^[^\0]*$/, 'holds a NUL'),
    )
    .refine((args) => Object.keys(args).length <= 16, 'are more than 16 arguments'),
});

export type CommandInput = z.infer<typeof input>;

export const commandRun = defineAction<CommandInput>({
  name: 'command.run',
  input,
  resource: ({ command, args }) => ({ command, args }),
  title: ({ command }) => `Run the command ${command}`,
  describe: ({ command, args }) => [
    `Runs the command that the executor lists as ${command}, without a shell`,
    ...Object.entries(args).map(([name, value]) => `With ${name} = ${JSON.stringify(value)}`),
  ],
  target: ({ command }) => command,
  fields: {
    resource: ['command', 'args'],
    preview: ['argv', 'cwd', 'env', 'timeout_seconds', 'output_limit', 'output'],
  },
  impact: impactOf,
  maxSeconds: MAX_SECONDS,
});
