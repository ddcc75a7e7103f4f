/** Whom a rule of policy.yaml asks: `approvals` and the terms on which they are asked. */
import { z } from 'zod';
import { mapping } from '../approval/yaml-fault.ts';
import { durationSchema } from './duration.ts';
import { nameSchema } from './name.ts';

const MOST_PLACES = 20;

export const peopleSchema = z
  .array(nameSchema)
  .min(1, 'is empty; name groups or people')
  .meta({ description: 'Groups and people of the directory.' });

const countSchema = z
  .int('is no whole number')
  .min(1, 'is below 1; ask at least one person')
  .max(MOST_PLACES, `is over ${MOST_PLACES}`);

const quorumSchema = mapping({ from: peopleSchema, count: countSchema.default(1) });

const partSchema = mapping({
  from: peopleSchema.optional(),
  count: countSchema.optional().meta({ description: 'How many of them; 1 where it is left out.' }),
  any_of: z
    .array(quorumSchema)
    .min(1, 'is empty; write from instead')
    .max(8, 'has over 8 alternatives; ask fewer')
    .optional()
    .meta({ description: 'Met by any one of these.' }),
})
  .transform((part, context): PartFile => {
    const { from, count, any_of } = part;
    const refuse = (message: string, path: readonly string[] = []) => {
      context.addIssue({ code: 'custom', message, path: [...path] });
      return z.NEVER;
    };
    if (any_of !== undefined) {
      if (from !== undefined) return refuse('stands beside from; write one of the two', ['any_of']);
      if (count !== undefined)
        return refuse('stands beside any_of; give each alternative its own', ['count']);
      return { any_of };
    }
    return from === undefined ? refuse('from is missing; add it, or any_of') : { from, count: count ?? 1 };
  })
  .meta({ oneOf: [{ required: ['from'] }, { required: ['any_of'] }] });

export type QuorumFile = z.output<typeof quorumSchema>;
export type PartFile = QuorumFile | { readonly any_of: readonly QuorumFile[] };

const stepSchema = mapping({
  after: durationSchema
    .optional()
    .meta({ description: 'Of the first step, half of the timeout where it is left out.' }),
  add: peopleSchema.optional().meta({ description: 'They may fill any place as well from then on.' }),
  notify: peopleSchema.optional().meta({ description: 'They are told, and may not decide by that.' }),
});

export const REQUIRED_OF_REQUEST = ['attested_user', 'intent', 'trigger'] as const;
export const REQUIRED_OF_APPROVAL = ['reason', 'typed', 'own_key'] as const;

/** A list of words, each once. */
export function wordsSchema<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z
    .array(z.enum(words, `must be one of ${words.join(', ')}`))
    .min(1, 'is empty; leave it out to require nothing')
    .refine((given) => new Set(given).size === given.length, 'names one thing twice; keep one')
    .default([]);
}

export const approvalShape = {
  approvals: z
    .array(partSchema)
    .min(1, 'is empty; ask somebody, or write effect: allow')
    .max(8, 'has over 8 entries; ask fewer')
    .refine(
      (parts) => parts.flatMap(quorumsOf).reduce((sum, { count }) => sum + count, 0) <= MOST_PLACES,
      `asks for over ${MOST_PLACES} people in all; ask fewer`,
    )
    .meta({ description: 'All of these are needed; a person fills one place only.' }),
  order: z
    .enum(['parallel', 'sequential'], 'must be parallel or sequential')
    .default('parallel')
    .meta({ description: 'Sequential: an entry is asked when those before it are met.' }),
  exclude: peopleSchema.optional().meta({
    description: 'They may not decide, beside the requester and the owners of the agent, who never may.',
  }),
  timeout: durationSchema.meta({ description: 'After so long without an approval the request expires.' }),
  remind_after: durationSchema.optional().meta({ description: 'Whoever has not answered is reminded once.' }),
  escalation: z
    .array(stepSchema)
    .min(1, 'is empty; leave it out to ask nobody further')
    .default([])
    .meta({ description: 'In order of time.' }),
  denials: z
    .int('is no whole number')
    .min(1, 'is below 1; one denial is the least that ends a request')
    .default(1)
    .meta({ description: 'The denials of so many people end the request.' }),
  require: wordsSchema([...REQUIRED_OF_APPROVAL, ...REQUIRED_OF_REQUEST]).meta({
    description:
      'Of an approval: a reason, the typed name of what is touched, a signature by a key of its own. Of the request: a user whom somebody trusted vouches for, an intent, a trigger.',
  }),
  risk: z.enum(['low', 'medium', 'high'], 'must be low, medium or high').default('medium'),
  channel: z
    .string()
    .regex(/^[^\s\p{C}]{1,100}$/u, 'is no channel; write its id or name as the chat knows it')
    .optional()
    .meta({ description: "Where the card goes; the deployment's default where it is left out." }),
  grant_ttl: durationSchema.prefault('15m').meta({
    description: 'Once approved it must start within so long, or it asks anew; 15m where it is left out.',
  }),
};

/** An entry's alternatives: itself, or those of any_of. */
export function quorumsOf(part: PartFile): readonly QuorumFile[] {
  return 'any_of' in part ? part.any_of : [part];
}
