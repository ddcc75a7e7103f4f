/**
 * The shape of directory.yaml: people with their accounts, groups of people, agents with keys and owners.
 *
 *     people:
 *       kari: {name: Kari Hansen, slack: {team: T0001, user: U0001}}
 *       ola: {name: Ola Nordmann, slack: {team: T0001, user: U0002}}
 *     groups:
 *       data-owners: [ola]
 *     agents:
 *       crm-assistant:
 *         keys: [crm-assistant+5f2c1a07+AT…]
 *         owners: [ola]
 *         acts_for: [kari]
 */
import { z } from 'zod';
import { verifierKeySchema } from '../approval/trust.ts';
import { mapping } from '../approval/yaml-fault.ts';
import { nameSchema } from './name.ts';

const slackSchema = mapping({
  team: z.string().regex(/^[TE][A-Z0-9]{1,30}$/u, 'is no Slack team id; write T… or E…'),
  user: z.string().regex(/^[UW][A-Z0-9]{1,30}$/u, 'is no Slack user id; write U… or W…, not the handle'),
});

const personSchema = mapping({
  name: z
    .string()
    .regex(/^[^\p{C}]{1,100}$/u, 'is no name of a person; write 1 to 100 visible characters')
    .refine((name) => name.trim() !== '', 'is blank; write the name that reviewers know'),
  slack: slackSchema.optional(),
});

const agentSchema = mapping({
  keys: z.array(verifierKeySchema).min(1, 'is empty; give the agent at least one key'),
  owners: z.array(nameSchema).min(1, 'is empty; name at least one person who answers for the agent'),
  acts_for: z.array(nameSchema).default([]),
});

export const directorySchema = mapping({
  people: z.record(nameSchema, personSchema),
  groups: z.record(nameSchema, z.array(nameSchema)).default({}),
  agents: z.record(nameSchema, agentSchema),
});

export type DirectoryFile = z.output<typeof directorySchema>;
