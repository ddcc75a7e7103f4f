/** defineAction: what an action is, in pure functions that every process loads and that touch nothing. */
import { z } from 'zod';
import { canonicalize } from '../approval/canonical-json.ts';
import { AssentError } from '../approval/error.ts';
import type { JsonObject } from '../approval/types.ts';
import { differences } from './differences.ts';
import { isSensitivePath, presentPaths } from './sensitive.ts';

/** What a developer writes of an action. All functions are pure: same input, same answer, in every process. */
export interface ActionTerms<Input extends object> {
  /** Dotted and lower case: `sql.export`, `github.deploy`. */
  readonly name: string;
  /** Parsing must change nothing: no defaults, no transforms, no unknown keys dropped. */
  readonly input: z.ZodType<Input>;
  /** What is touched, from the input alone: this is what policy judges. */
  resource(input: Input): JsonObject;
  /** Verb and target, one line. */
  title(input: Input): string;
  /** What it does, in words, one line each. */
  describe(input: Input): readonly string[];
  /** The name of what is touched, short: what an approver types where the rule asks for it. Default: the action's name. */
  target?(input: Input): string;
  /** The preview's facts in words: `1,204 rows would be exported`. */
  impact(facts: JsonObject): readonly string[];
  /**
   * What of the approved facts no longer holds, in words; empty where all does. `slack` is how many percent more
   * than approved the rule lets a number be. Default: any difference between the facts.
   */
  drift?(approved: JsonObject, now: JsonObject, slack: number): readonly string[];
  /** Of an action that has an end: after so many seconds from its Start it is undone. */
  endsAfter?(input: Input): number;
  /** The names of all that `resource` and the preview's facts have: a rule that reads another is a fault of its policy. */
  readonly fields?: { readonly resource: readonly string[]; readonly preview: readonly string[] };
  /** Paths of the input that must never stand in plain: `headers.authorization`, `users.*.password`. */
  readonly sensitive?: readonly string[];
  /** True only where running it twice is the same as running it once. Default false. */
  readonly idempotent?: boolean;
  /** The executor's task queue, where it is not the deployment's own. */
  readonly taskQueue?: string;
  /** After so many seconds an execution without an end counts as unknown. Default 600. */
  readonly maxSeconds?: number;
}

/** What a definition says of one input. */
export interface Reading {
  readonly resource: JsonObject;
  readonly title: string;
  readonly description: readonly string[];
  readonly target: string;
  /** In seconds from the Start; null where the action has no end. */
  readonly endsAfter: number | null;
}

export interface ActionFields {
  readonly input?: readonly string[];
  readonly resource?: readonly string[];
  readonly preview?: readonly string[];
}

/** An action of any input: what the registry and the processes know of it. */
export interface AnyAction {
  readonly name: string;
  readonly idempotent: boolean;
  readonly taskQueue: string | null;
  readonly maxSeconds: number;
  /** The names of what a rule may read of it, as far as the definition says them. */
  readonly fields: ActionFields;
  /** @throws AssentError `input_invalid`, `input_not_canonical`, `sensitive_unsupported`, and what the definition refuses */
  read(input: JsonObject): Reading;
  impact(facts: JsonObject): readonly string[];
  /** What of the approved facts no longer holds, in words. */
  drift(approved: JsonObject, now: JsonObject, slack: number): readonly string[];
}

/** An action whose input's type its implementation knows. */
export interface Action<Input extends object> extends AnyAction {
  /** @throws AssentError `input_invalid`, `input_not_canonical`, `sensitive_unsupported` */
  parse(input: JsonObject): Input;
}

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

/** @throws AssentError `action_malformed` where name, paths or seconds are not what they must be */
export function defineAction<Input extends object>(terms: ActionTerms<Input>): Action<Input> {
  const { name, sensitive = [], idempotent = false, taskQueue = null, maxSeconds = 600 } = terms;
  if (!NAME.test(name)) throw malformed(name, 'name it in lower case with a dot, like sql.export');
  const unreadable = sensitive.find((path) => !isSensitivePath(path));
  if (unreadable !== undefined)
    throw malformed(name, `write ${unreadable} like headers.authorization or a.*.b`);
  if (!Number.isSafeInteger(maxSeconds) || maxSeconds < 1)
    throw malformed(name, 'maxSeconds is a whole number');
  const parse = (input: JsonObject): Input => {
    refuseSensitive(name, sensitive, input);
    return parseExactly(name, terms.input, input);
  };
  return {
    name,
    idempotent,
    taskQueue,
    maxSeconds,
    fields: {
      ...(terms.input instanceof z.ZodObject ? { input: Object.keys(terms.input.shape) } : {}),
      ...terms.fields,
    },
    parse,
    read: (input) => {
      const parsed = parse(input);
      return {
        resource: terms.resource(parsed),
        title: terms.title(parsed),
        description: terms.describe(parsed),
        target: terms.target?.(parsed) ?? name,
        endsAfter: terms.endsAfter?.(parsed) ?? null,
      };
    },
    impact: (facts) => terms.impact(facts),
    drift: (approved, now, slack) => (terms.drift ?? differences)(approved, now, slack),
  };
}

/** A default or a transform would put something into what runs that is not in the bytes that were approved. */
function parseExactly<Input extends object>(
  name: string,
  schema: z.ZodType<Input>,
  input: JsonObject,
): Input {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${['input', ...path].join('.')}: ${message}`,
    );
    throw new AssentError(
      'input_invalid',
      `The input of ${name} is not what it takes: ${faults.join('; ')}.`,
    );
  }
  if (canonicalize(parsed.data) !== canonicalize(input)) {
    throw new AssentError(
      'input_not_canonical',
      `The input of ${name} changes when it is parsed; send every field as it will run, and none that ${name} does not know.`,
    );
  }
  return parsed.data;
}

/** Sensitive values have no sealed form yet, and in plain they would stand in card, history and book. */
function refuseSensitive(name: string, sensitive: readonly string[], input: JsonObject): void {
  const present = sensitive.flatMap((path) => presentPaths(path, input));
  if (present.length === 0) return;
  throw new AssentError(
    'sensitive_unsupported',
    `${name} declares ${present.map((path) => `input.${path}`).join(', ')} sensitive, and sensitive values cannot be sent yet; leave them out.`,
  );
}

function malformed(name: string, cure: string): AssentError {
  return new AssentError('action_malformed', `The action ${JSON.stringify(name)} is malformed: ${cure}.`);
}
