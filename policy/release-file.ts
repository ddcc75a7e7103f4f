/** When what may run may run, as a rule of policy.yaml says it. */
import { z } from 'zod';
import { mapping } from '../approval/yaml-fault.ts';
import { durationSchema } from './duration.ts';
import { instantSchema, momentSchema, zoneSchema } from './moment.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeSchema = (pattern: RegExp) =>
  z.string().regex(pattern, 'is no time of day; write HH:MM in quotes, from "00:00" to "24:00"');

const windowSchema = mapping({
  days: z
    .array(z.enum(WEEKDAYS, `must be one of ${WEEKDAYS.join(', ')}`))
    .min(1, 'is empty; leave it out for every day')
    .default([...WEEKDAYS])
    .meta({ description: 'Every day where it is left out.' }),
  from: timeSchema(/^(?:[01]\d|2[0-3]):[0-5]\d$/u).meta({
    description: 'Inclusive, by the clocks of the zone.',
  }),
  to: timeSchema(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/u).meta({
    description: 'Exclusive; "24:00" is the day\'s end.',
  }),
  zone: zoneSchema,
});

const closedSchema = mapping({
  from: momentSchema,
  to: momentSchema,
  zone: zoneSchema.optional(),
  reason: z
    .string()
    .regex(/^[^\p{Cc}]{1,200}$/u, 'must be one line of 1 to 200 characters')
    .meta({ description: 'Shown to whoever waits.' }),
});

/** Of every rule that lets something run. */
export const releaseShape = {
  not_before: instantSchema.optional(),
  windows: z
    .array(windowSchema)
    .min(1, 'is empty; leave it out to let it run at any hour')
    .default([])
    .meta({ description: 'It runs inside any one of these only; outside it is held.' }),
  closed: z
    .array(closedSchema)
    .min(1, 'is empty; leave it out where nothing is closed')
    .default([])
    .meta({ description: 'Change freezes: inside any of these it is held.' }),
  limits: mapping({
    count: z
      .int('is no whole number')
      .min(1, 'is below 1; deny what may never run')
      .max(100_000, 'is over 100000'),
    per: durationSchema,
  })
    .optional()
    .meta({ description: 'So many requests of one agent under this rule in so long; what is over is held.' }),
  slack: z
    .int('is no whole number')
    .min(0, 'is below 0; write a percentage from 0 to 100')
    .max(100, 'is over 100; write a percentage from 0 to 100')
    .default(0)
    .meta({ description: 'How many percent more than previewed a number may be at execution.' }),
};
