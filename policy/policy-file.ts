/**
 * The shape of policy.yaml: ordered rules of which the first that matches decides; where none does, it is denied.
 *
 *     version: 1
 *     rules:
 *       - id: crm-personal-data
 *         match:
 *           action: sql.export
 *           when: resource.database == "crm"
 *         effect: require_approval
 *         approvals: {from: [data-owners], count: 1}
 *         timeout: 1h
 *         escalation:
 *           - add: [security]   # the first step's `after` is half of the timeout
 */
import { z } from 'zod';
import { mapping } from '../approval/yaml-fault.ts';
import { conditionSchema } from './condition.ts';
import { durationSchema } from './duration.ts';
import { nameSchema } from './name.ts';
import { patternSchema } from './pattern.ts';

const matchSchema = mapping({ action: patternSchema, when: conditionSchema.optional() });
const peopleSchema = z.array(nameSchema).min(1, 'is empty; name groups or people');
const base = { id: nameSchema, match: matchSchema };

const allowSchema = mapping({ ...base, effect: z.literal('allow') });

const denySchema = mapping({
  ...base,
  effect: z.literal('deny'),
  reason: z
    .string()
    .regex(/^[^\p{Cc}]{1,500}$/u, 'must be one line of 1 to 500 characters')
    .optional(),
});

const approvalSchema = mapping({
  ...base,
  effect: z.literal('require_approval'),
  approvals: mapping({
    from: peopleSchema,
    count: z.int('is no whole number').min(1, 'is below 1; ask at least one person').max(100, 'is over 100'),
  }),
  timeout: durationSchema,
  escalation: z
    .array(mapping({ after: durationSchema.optional(), add: peopleSchema }))
    .min(1, 'is empty; leave it out to ask nobody further')
    .default([]),
  risk: z.enum(['low', 'medium', 'high'], 'must be low, medium or high').default('medium'),
  channel: z
    .string()
    .regex(/^[^\s\p{C}]{1,100}$/u, 'is no channel; write its id or name as the chat knows it')
    .optional(),
});

export const policySchema = mapping({
  version: z.literal(1, 'must be 1, the only version there is'),
  rules: z.array(
    z.discriminatedUnion('effect', [allowSchema, denySchema, approvalSchema], {
      error: (issue) =>
        issue.code === 'invalid_union' ? 'must be allow, deny or require_approval' : undefined,
    }),
  ),
});

export type PolicyFile = z.output<typeof policySchema>;
export type RuleFile = PolicyFile['rules'][number];
export type ApprovalRuleFile = z.output<typeof approvalSchema>;
