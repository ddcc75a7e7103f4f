/**
 * The shape of policy.yaml: ordered rules of which the first that matches decides; where none does, it is denied.
 *
 *     version: 1
 *     operators: [platform]
 *     rules:
 *       - id: crm-personal-data
 *         match:
 *           action: sql.export
 *           when: resource.database == "crm"
 *         effect: require_approval
 *         approvals:
 *           - {from: [data-owners], count: 2}
 *           - any_of: [{from: [legal]}, {from: [security], count: 2}]
 *         timeout: 1h
 *         escalation:
 *           - add: [directors]   # the first step's `after` is half of the timeout
 */
import { z } from 'zod';
import { mapping } from '../approval/yaml-fault.ts';
import { approvalShape, peopleSchema, REQUIRED_OF_REQUEST, wordsSchema } from './approval-file.ts';
import { conditionSchema } from './condition.ts';
import { nameSchema } from './name.ts';
import { patternSchema } from './pattern.ts';
import { releaseShape } from './release-file.ts';

const matchSchema = mapping({
  action: patternSchema.meta({
    description: 'An action by name; * stands for one whole word, ** at the end for the rest.',
  }),
  when: conditionSchema.optional().meta({
    description: 'A CEL expression over action, input, resource, agent, preview, attested and now.',
  }),
});
const base = { id: nameSchema, match: matchSchema };

const allowSchema = mapping({
  ...base,
  effect: z.literal('allow'),
  require: wordsSchema(REQUIRED_OF_REQUEST).meta({ description: 'What the request must bring.' }),
  ...releaseShape,
});

const denySchema = mapping({
  ...base,
  effect: z.literal('deny'),
  reason: z
    .string()
    .regex(/^[^\p{Cc}]{1,500}$/u, 'must be one line of 1 to 500 characters')
    .optional()
    .meta({ description: 'Told to whoever is denied.' }),
});

const approvalSchema = mapping({
  ...base,
  effect: z.literal('require_approval'),
  ...approvalShape,
  ...releaseShape,
});

export const policySchema = mapping({
  version: z.literal(1, 'must be 1, the only version there is'),
  operators: peopleSchema.optional().meta({
    description: 'They may freeze and unfreeze, end leases, and settle what nobody was asked about.',
  }),
  break_glass: mapping({
    from: peopleSchema,
    review: mapping({ from: peopleSchema }).meta({ description: 'Who answers the review that follows.' }),
  })
    .optional()
    .meta({ description: 'Who may release one frozen or undecided request alone.' }),
  rules: z
    .array(
      z.discriminatedUnion('effect', [allowSchema, denySchema, approvalSchema], {
        error: (issue) =>
          issue.code === 'invalid_union' ? 'must be allow, deny or require_approval' : undefined,
      }),
    )
    .meta({ description: 'The first that matches decides; what none matches is denied.' }),
});

export type PolicyFile = z.output<typeof policySchema>;
export type RuleFile = PolicyFile['rules'][number];
export type ApprovalRuleFile = z.output<typeof approvalSchema>;
export type ReleaseFile = Exclude<RuleFile, { effect: 'deny' }>;
