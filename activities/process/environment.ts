/** What a process is told by its environment. Every variable that is missing or wrong is named at once. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';

const file = z.string().min(1, 'must name a file');
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port, 0 to 65535')
  .transform(Number)
  .pipe(z.number().max(65535, 'must be a port, 0 to 65535'));
const url = z.url({ protocol: /^https?$/, error: 'must be an address, https://…' });
const postgres = z.url({ protocol: /^postgres(ql)?$/, error: 'must be an address, postgres://…' });

/** What every process needs. */
const house = {
  DATABASE_URL: postgres,
  ASSENT_POLICY: file,
  ASSENT_DIRECTORY: file,
  ASSENT_TRUST: file,
  /** A module that exports `actions`: the definitions of a team's own actions. */
  ASSENT_ACTIONS: file.optional(),
  /** Where /healthz answers, on loopback; nowhere where unset. */
  ASSENT_HEALTH_PORT: port.optional(),
};

export const workerEnvironment = z.object(house);

export const executorEnvironment = z.object({
  ...house,
  ASSENT_EXECUTOR_KEY_FILE: file,
  /** YAML: what the built-in actions may touch; worker/targets.ts shows its shape. */
  ASSENT_TARGETS: file,
});

export const gatewayEnvironment = z.object({
  ...house,
  ASSENT_GATEWAY_KEY_FILE: file,
  ASSENT_GATEWAY_PORT: port,
  ASSENT_GATEWAY_HOST: z.string().min(1).default('127.0.0.1'),
  /** Temporal's web UI, for the link on cards. */
  ASSENT_TEMPORAL_UI: url.optional(),
  SLACK_BOT_TOKEN: z.string().min(1),
  SLACK_SIGNING_SECRET: z.string().min(1),
  /** Slack's id of the channel for rules that name none. */
  SLACK_CHANNEL: z.string().regex(/^[CG][A-Z0-9]+$/, "must be Slack's id of a channel, such as C0123456789"),
  /** Another address than Slack's own, for development. */
  SLACK_API_URL: url.optional(),
});

export const migrateEnvironment = z.object({ DATABASE_URL: postgres });

export type HouseEnvironment = z.infer<typeof workerEnvironment>;

/** @throws AssentError `environment_incomplete`, naming every variable and what it must be */
export function readEnvironment<Shape>(schema: z.ZodType<Shape>, variables: NodeJS.ProcessEnv): Shape {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return `${name} ${variables[name] === undefined ? 'is not set' : message}`;
  });
  throw new AssentError('environment_incomplete', `The environment is not complete. ${faults.join('; ')}.`);
}
