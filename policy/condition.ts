/**
 * A rule's condition: a CEL expression that was compiled, and checked name by name, when the policy was loaded.
 *
 * It reads action {name, input}, input, resource, agent {name}, preview, attested and now. JSON's numbers are CEL
 * doubles: they compare with whole numbers as expected, but arithmetic wants 1.0.
 */
import { type CelInput, celEnv, celError, celList, celMap, isCelError, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import type { Json, JsonObject } from '../approval/types.ts';
import { type ExpressionFault, namesOf, type Reading } from './condition-names.ts';

const MAX_LENGTH = 4096;
const env = celEnv({ funcs: strings });

/** What is known of a request: nothing in here is the agent's word about itself. */
export interface Facts {
  readonly action: { readonly name: string; readonly input: JsonObject };
  /** As the action's definition computes it from the input. */
  readonly resource: JsonObject;
  readonly agent: { readonly name: string };
  /** The facts of the executor's preview; null before there is one. */
  readonly preview: JsonObject | null;
  readonly attested: Json;
  readonly now: Date;
}

export type Truth =
  | { readonly holds: boolean; readonly failure: null }
  /** Neither true nor false: an error, or a value of another kind. */
  | { readonly holds: false; readonly failure: string };

export interface Condition {
  readonly source: string;
  /** What the expression reads, each once, in its order. */
  readonly readings: readonly Reading[];
  /** Whether it reads what the executor previewed. */
  readonly readsPreview: boolean;
  evaluate(bound: Bindings): Truth;
  /** What it gives whatever else there is; null where that depends on more than these facts. */
  given(known: Partial<Facts>): boolean | null;
}

/** Facts as CEL takes them. */
export type Bindings = Readonly<Record<string, CelInput>>;

/** Text in, condition out; a fault carries the offset at which it stands in the text. */
export const conditionSchema = z.string().transform((text, context) => {
  const compiled = compile(text.trimEnd());
  if ('source' in compiled) return compiled;
  for (const { offset, message } of compiled.faults) {
    context.addIssue({ code: 'custom', message, ...(offset === null ? {} : { params: { offset } }) });
  }
  return z.NEVER;
});

/** The condition, or everything that is wrong with it. */
export function compile(source: string): Condition | { readonly faults: readonly ExpressionFault[] } {
  if (source.trim() === '') return fault('is empty; write a CEL expression, or leave `when` out');
  if (source.length > MAX_LENGTH) return fault(`is over ${MAX_LENGTH} characters; split the rule`);
  try {
    return checked(source);
  } catch (error) {
    if (error instanceof RangeError) return fault('is nested too deep to be read; split the rule');
    const { rawMessage, location } = syntaxError.parse(error);
    return fault(`is no CEL expression: ${rawMessage}; correct it`, location.start.offset);
  }
}

/** What the parser throws. */
const syntaxError = z.object({
  rawMessage: z.string(),
  location: z.object({ start: z.object({ offset: z.number() }) }),
});

function fault(
  message: string,
  offset: number | null = null,
): { readonly faults: readonly ExpressionFault[] } {
  return { faults: [{ offset, message }] };
}

function checked(source: string): ReturnType<typeof compile> {
  const parsed = parse(source);
  const { faults, readings } = namesOf(env, parsed);
  if (faults.length > 0) return { faults };
  const run = plan(env, parsed);
  const sample = run(UNKNOWN);
  if (!isCelError(sample) && typeof sample !== 'boolean') {
    return fault(`gives ${kindOf(sample)}; write an expression that gives true or false`);
  }
  if (isCelError(sample) && readings.length === 0) {
    return fault(`always fails (${sample.message}), which denies; correct it`);
  }
  return {
    source,
    readings: distinct(readings),
    readsPreview: readings.some(({ path }) => path[0] === 'preview'),
    evaluate: (bound) => truthOf(run(bound)),
    given: (known) => {
      const result = run({ ...UNKNOWN, ...bindingsOf(known) });
      return typeof result === 'boolean' ? result : null;
    },
  };
}

/** An error object is truthy, so nothing but `true` and `false` themselves counts. */
function truthOf(result: unknown): Truth {
  if (result === true || result === false) return { holds: result, failure: null };
  if (isCelError(result)) return { holds: false, failure: result.message };
  return { holds: false, failure: `it gave ${kindOf(result)}, not true or false` };
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? 'a value' : `a ${typeof value}`;
}

/**
 * CEL's logic gives an answer in spite of an error where the answer does not depend on it: what it gives with
 * errors in the place of facts holds for any facts.
 */
// The library takes an error for a variable's value, though its types don't say so.
const unknown = z.custom<CelInput>(isCelError).parse(celError('not known yet'));
const VARIABLES = ['action', 'input', 'resource', 'agent', 'preview', 'attested', 'now'];
const UNKNOWN = Object.fromEntries(VARIABLES.map((name) => [name, unknown]));

/** Where there is no preview yet, what depends on it fails. */
export function bindingsOf({ action, resource, agent, preview, attested, now }: Partial<Facts>): Bindings {
  return {
    ...(action === undefined
      ? {}
      : { action: celOf({ name: action.name, input: action.input }), input: celOf(action.input) }),
    ...(resource === undefined ? {} : { resource: celOf(resource) }),
    ...(agent === undefined ? {} : { agent: celOf({ name: agent.name }) }),
    ...(preview === undefined || preview === null ? {} : { preview: celOf(preview) }),
    ...(attested === undefined ? {} : { attested: celOf(attested) }),
    ...(now === undefined ? {} : { now: timestampFromDate(now) }),
  };
}

/**
 * Lists and maps are built here and not by the library, which takes any object with a `$typeName` for a protobuf
 * message: an agent's input could look to the policy like a value that it is not.
 */
function celOf(json: Json): CelInput {
  if (json === null || typeof json !== 'object') return json;
  if (isList(json)) return celList(json.map(celOf));
  return celMap(new Map(Object.entries(json).map(([key, value]) => [key, celOf(value)])));
}

function isList(json: readonly Json[] | JsonObject): json is readonly Json[] {
  return Array.isArray(json);
}

function distinct(readings: readonly Reading[]): readonly Reading[] {
  const first = new Map<string, Reading>();
  for (const reading of readings) {
    const name = reading.path.join('.');
    if (!first.has(name)) first.set(name, reading);
  }
  return [...first.values()];
}
