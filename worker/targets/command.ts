/** The `commands` section of targets.yaml: what command.run may start, by name. */
import { z } from 'zod';
import { implementCommandRun } from '../../actions/command/implementation.ts';
import { type ListedCommand, listedFault } from '../../actions/command/listed.ts';
import type { Implementation } from '../../actions/implement.ts';
import { mapping } from '../../approval/yaml-fault.ts';
import { durationSchema } from '../../policy/duration.ts';

const LARGEST_KIB = 64;

const size = z
  .string()
  .regex(/^[1-9][0-9]?KiB$/, 'must be a size such as 16KiB')
  .transform((text) => Number.parseInt(text, 10) * 1024)
  .refine((bytes) => bytes <= LARGEST_KIB * 1024, `is at most ${LARGEST_KIB}KiB`);

const argument = mapping({
  one_of: z.array(z.string()).min(1).optional(),
  pattern: z.string().min(1).optional(),
  leading_dash: z.boolean().default(false),
}).transform(({ one_of, pattern, leading_dash }, context) => {
  const allowed = one_of ?? pattern;
  if (allowed !== undefined && (one_of === undefined || pattern === undefined)) {
    return { allowed, leadingDash: leading_dash };
  }
  context.addIssue({ code: 'custom', message: 'needs either one_of, a list of texts, or pattern' });
  return z.NEVER;
});

const command = mapping({
  argv: z.array(z.string()).min(1),
  args: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'name it in lower case'), argument).default({}),
  cwd: z.string().startsWith('/', 'must be an absolute path').optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no variable'), z.string()).default({}),
  timeout: durationSchema.refine((seconds) => seconds <= 590, 'is at most 590s'),
  output_limit: size.default(16 * 1024),
  output: z.enum(['keep', 'digest'], { error: 'must be keep or digest' }).default('digest'),
})
  .transform(
    ({ cwd, timeout, output_limit, ...terms }): ListedCommand => ({
      ...terms,
      cwd: cwd ?? null,
      timeoutSeconds: timeout,
      outputLimit: output_limit,
    }),
  )
  .superRefine((listed, context) => {
    const fault = listedFault(listed);
    if (fault !== null) context.addIssue({ code: 'custom', path: [fault.field], message: fault.words });
  });

export const commandsSection = z.record(
  z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'name it in lower case, such as restart-api'),
  command,
);

export function implementCommands(commands: z.infer<typeof commandsSection>): readonly Implementation[] {
  return [implementCommandRun({ commands })];
}
