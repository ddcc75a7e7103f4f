/**
 * The shape of directory.yaml: people with their accounts and keys, groups of people, agents with keys and owners.
 *
 *     people:
 *       kari:
 *         name: Kari Hansen
 *         slack: {team: T0001, user: U0001}
 *         github: {id: 583231, login: kari-hansen}
 *         keys: [kari+5f2c1a07+AT…]
 *         away:
 *           - {from: 2026-07-06, until: 2026-07-24, zone: Europe/Oslo, to: ola}
 *       ola: {name: Ola Nordmann, slack: {team: T0001, user: U0002}}
 *     groups:
 *       data-owners: [ola]
 *       approvers: [data-owners, kari]
 *     agents:
 *       crm-assistant:
 *         keys: [crm-assistant+5f2c1a07+AT…]
 *         owners: [ola]
 *         acts_for: [kari]
 */
import { z } from 'zod';
import { verifierKeySchema } from '../approval/trust.ts';
import { mapping } from '../approval/yaml-fault.ts';
import { momentSchema, zoneSchema } from './moment.ts';
import { nameSchema } from './name.ts';

const slackSchema = mapping({
  team: z.string().regex(/^[TE][A-Z0-9]{1,30}$/u, 'is no Slack team id; write T… or E…'),
  user: z.string().regex(/^[UW][A-Z0-9]{1,30}$/u, 'is no Slack user id; write U… or W…, not the handle'),
});

const uuidSchema = (what: string) =>
  z
    .string()
    .regex(
      /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/u,
      `is no id of a ${what}; write its UUID in lower case, as Entra shows it`,
    );

const teamsSchema = mapping({
  tenant: uuidSchema('tenant'),
  id: uuidSchema('user').meta({ description: 'The aadObjectId, not the address.' }),
});

const githubSchema = mapping({
  id: z
    .int('is no whole number')
    .min(1, 'is no id of a GitHub account; write the number, which stays when the login changes'),
  login: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?$/u, 'is no GitHub login; write it without the @')
    .meta({ description: 'For those who read; the id is what counts.' }),
});

const awaySchema = mapping({
  from: momentSchema,
  until: momentSchema,
  zone: zoneSchema.optional(),
  to: nameSchema.meta({ description: 'Stands for them meanwhile, in all that they may decide.' }),
});

const personSchema = mapping({
  name: z
    .string()
    .regex(/^[^\p{C}]{1,100}$/u, 'is no name of a person; write 1 to 100 visible characters')
    .refine((name) => name.trim() !== '', 'is blank; write the name that reviewers know'),
  slack: slackSchema.optional(),
  teams: teamsSchema.optional(),
  github: githubSchema.optional(),
  keys: z
    .array(verifierKeySchema)
    .min(1, 'is empty; leave it out where they have none')
    .default([])
    .meta({ description: "Verifier keys that bear the person's id as their name." }),
  away: z
    .array(awaySchema)
    .min(1, 'is empty; leave it out where they are here')
    .default([])
    .meta({ description: 'Out of office.' }),
});

const agentSchema = mapping({
  keys: z
    .array(verifierKeySchema)
    .min(1, 'is empty; give the agent at least one key')
    .meta({ description: "Verifier keys that bear the agent's name." }),
  owners: z
    .array(nameSchema)
    .min(1, 'is empty; name at least one person who answers for the agent')
    .meta({ description: 'People and groups who answer for it, and may not decide what it asks for.' }),
  acts_for: z
    .array(nameSchema)
    .default([])
    .meta({ description: 'People and groups on whose behalf it may ask.' }),
  disabled: z.boolean().default(false).meta({ description: 'Whatever it asks for is denied.' }),
});

export const directorySchema = mapping({
  people: z.record(nameSchema, personSchema),
  groups: z
    .record(nameSchema, z.array(nameSchema))
    .default({})
    .meta({ description: 'People and further groups.' }),
  agents: z.record(nameSchema, agentSchema),
});

export type DirectoryFile = z.output<typeof directorySchema>;
export type PersonFile = DirectoryFile['people'][string];
