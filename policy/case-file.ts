/**
 * The shape of a case file: requests, and what the policy is expected to say of them.
 *
 *     policy: policy.yaml            # from the case file's own folder
 *     directory: directory.yaml
 *     requested_at: 2026-03-02T09:00:00+01:00
 *     cases:
 *       - name: personal data waits for its owners
 *         request: {agent: analyst, action: sql.export, on_behalf_of: jon}
 *         resource: {database: crm}
 *         preview: {rows: 10, personal_data: [customers.email]}
 *         decisions:
 *           - {person: kim, verdict: approve, after: 10m}
 *         expect: {effect: require_approval, rule: export-personal-data, resolution: approved}
 */
import { z } from 'zod';
import type { Json, JsonObject } from '../approval/types.ts';
import { parseYaml, type YamlDocument } from '../approval/yaml.ts';
import { mapping } from '../approval/yaml-fault.ts';
import { approvalShape } from './approval-file.ts';
import { durationSchema } from './duration.ts';
import { instantSchema } from './moment.ts';
import { nameSchema } from './name.ts';
import { patternSchema } from './pattern.ts';

const json: z.ZodType<Json> = z.json();
const object: z.ZodType<JsonObject> = z.record(z.string(), json);
const words = z
  .string()
  .regex(/\S/u, 'is blank; write it out, or leave it out')
  .max(4000, 'is over 4000 characters');
const id = z.string().min(1, 'is empty; write it out').max(200, 'is over 200 characters');
const fileSchema = z.string().min(1, 'is empty; name a file');
const peopleSchema = z.array(nameSchema);

const requestSchema = mapping({
  agent: nameSchema,
  /** One action, no pattern. */
  action: z
    .string()
    .regex(/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/u, 'is no name of an action; write one like sql.export'),
  input: object.default({}),
  on_behalf_of: nameSchema.optional(),
  intent: words.optional(),
  reason: words.optional(),
  trigger: mapping({ type: id, id }).optional(),
  requested_at: instantSchema.optional(),
});

const delegationSchema = mapping({
  principal: nameSchema,
  delegate: nameSchema,
  action: patternSchema.default('**'),
});

const decisionSchema = mapping({
  person: nameSchema,
  verdict: z.enum(['approve', 'deny'], 'must be approve or deny'),
  after: durationSchema,
  reason: words.optional(),
  typed: z.string().optional(),
  own_key: z.boolean().default(false),
}).refine(({ verdict, reason }) => verdict === 'approve' || reason !== undefined, {
  path: ['reason'],
  message: 'is missing, and nobody denies without one; add it',
});

export const RESOLUTIONS = [
  'allowed',
  'refused',
  'pending',
  'approved',
  'lapsed',
  'denied',
  'expired',
] as const;
export const HOLDS = ['not_before', 'outside_window', 'change_freeze'] as const;

const expectSchema = mapping({
  effect: z.enum(
    ['allow', 'deny', 'require_approval'],
    'must be allow, deny or require_approval; a case without could not fail',
  ),
  rule: nameSchema.nullable().optional(),
  code: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,79}$/u, 'is no code; write one like approval_required')
    .optional(),
  approvals: approvalShape.approvals.optional(),
  eligible: peopleSchema.optional(),
  excluded: peopleSchema.optional(),
  resolution: z.enum(RESOLUTIONS, `must be one of ${RESOLUTIONS.join(', ')}`).optional(),
  held: z
    .enum(HOLDS, `must be null or one of ${HOLDS.join(', ')}`)
    .nullable()
    .optional(),
  explanation: words.optional(),
});

const caseSchema = mapping({
  name: z.string().regex(/^(?=.*\S)[^\p{C}]{1,120}$/u, 'must be one line of 1 to 120 visible characters'),
  request: requestSchema,
  resource: object.optional(),
  preview: object.optional(),
  delegations: z.array(delegationSchema).default([]),
  now: instantSchema.optional(),
  decisions: z.array(decisionSchema).default([]),
  expect: expectSchema,
});

const casesSchema = mapping({
  policy: fileSchema.optional(),
  directory: fileSchema.optional(),
  requested_at: instantSchema.optional(),
  cases: z.array(caseSchema).min(1, 'is empty; write a case'),
});

export type CasesFile = z.output<typeof casesSchema>;
export type CaseFile = CasesFile['cases'][number];
export type Expected = CaseFile['expect'];

/** @throws AssentError `cases_invalid` with `evidence.faults` */
export function parseCases(text: string, file: string): YamlDocument<CasesFile> {
  return parseYaml(text, { file, code: 'cases_invalid', schema: casesSchema });
}
