/** A person who speaks with a key of their own: who they are by their environment, and what they sign. */
import { z } from 'zod';
import { AssentError } from '../approval/error.ts';
import { readSigningKey, type SigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import type {
  DecisionStatement,
  Instruction,
  InstructionDetails,
  InstructionStatement,
  Timestamp,
  Verb,
} from '../approval/types.ts';
import { type Heard, speak } from './speak.ts';

const schema = z.object({
  ASSENT_PERSON: z.string().min(1),
  ASSENT_PERSON_KEY_FILE: z.string().min(1),
  ASSENT_GATEWAY: z
    .url({ protocol: /^https?$/, error: 'must be the base address of the gateway, https://…' })
    .transform((text) => new URL(text)),
});

export interface Person {
  /** As the directory names them. */
  readonly person: string;
  readonly key: SigningKey;
  readonly gateway: URL;
}

/** @throws AssentError `environment_incomplete`, and those of {@link readSigningKey} */
export async function personOf(variables: NodeJS.ProcessEnv): Promise<Person> {
  const parsed = schema.safeParse(variables);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => {
      const name = path.join('.');
      return `${name} ${variables[name] === undefined ? 'is not set' : message}`;
    });
    throw new AssentError(
      'environment_incomplete',
      `${faults.join('; ')}: a person signs what they say with a key of their own (assent key new).`,
    );
  }
  const { ASSENT_PERSON: person, ASSENT_PERSON_KEY_FILE: file, ASSENT_GATEWAY: gateway } = parsed.data;
  return { person, key: await readSigningKey(file, person), gateway };
}

/** What a decision says beside who says it, and when. */
export type Deciding = Omit<DecisionStatement, 'person' | 'channel' | 'decided_at'>;

/** @throws AssentError those of {@link speak}, `statement_malformed` */
export async function sayDecision(
  deciding: Deciding,
  { person, key, gateway }: Person,
  now: number,
): Promise<Heard> {
  const channel = { name: 'own_key', account: key.keyid };
  const decided_at = new Date(now).toISOString();
  const { envelope } = signStatement('decision', { ...deciding, person, channel, decided_at }, key);
  return speak(gateway, envelope);
}

export type PersonalVerb = Exclude<Verb, 'withdraw'>;

/** What somebody says of what; `until` is the last moment at which it may be booked, by default soon. */
export type Order = {
  readonly [V in PersonalVerb]: {
    readonly verb: V;
    readonly subject: string;
    readonly detail: InstructionDetails[V];
    readonly reason: string;
    readonly until?: Timestamp;
  };
}[PersonalVerb];

const MINUTE = 60_000;
/** No longer than the gateway takes; a broken glass releases as long. */
const BOOKED_WITHIN = 5 * MINUTE;
const GLASS_BROKEN = 15 * MINUTE;

/** @throws AssentError those of {@link speak}, `statement_malformed` */
export async function sayInstruction(
  { until, ...order }: Order,
  audience: string,
  { person, key, gateway }: Person,
  now: number,
): Promise<Heard> {
  const lasts = order.verb === 'break_glass' ? GLASS_BROKEN : BOOKED_WITHIN;
  const statement: Instruction<PersonalVerb> & InstructionStatement = {
    audience,
    ...order,
    person,
    issued_at: new Date(now).toISOString(),
    expires_at: until ?? new Date(now + lasts).toISOString(),
  };
  const { envelope } = signStatement('instruction', statement, key);
  return speak(gateway, envelope);
}
