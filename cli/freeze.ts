/** `assent freeze`: stops everything, an agent, actions or a resource, before anything that has not begun to run. */
import {
  AssentError,
  type FreezeScope,
  freezeSubject,
  type Json,
  PATTERN,
  parseJson,
} from '../client/vocabulary.ts';
import { say } from './instruct.ts';
import { isObject } from './read-input.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, type Word } from './usage.ts';
import { shortDigest } from './words.ts';

export const freeze = (terminal: Terminal): Word =>
  one({
    name: 'assent freeze',
    description: 'Stop what has not begun: all of it, or a part',
    args: {
      everything: { type: 'boolean', description: 'Whatever anybody asks for' },
      agent: { type: 'string', valueHint: 'name', description: 'What this agent asks for' },
      action: { type: 'string', valueHint: 'pattern', description: 'These actions: sql.*' },
      resource: { type: 'string', valueHint: 'json', description: 'Where the resource has these fields' },
      reason: reasonGiven,
    },
    run: ({ everything, agent, action, resource, reason }) => {
      const scope = scopeOf({ everything, agent, action, resource });
      const words = {
        done: (digest: `sha256:${string}`) =>
          `Frozen: ${freezeSubject(scope)}. Only a person lifts it: assent unfreeze ${shortDigest(digest)} --reason …`,
        not: 'Nothing is frozen',
      };
      return say(
        { verb: 'freeze', subject: freezeSubject(scope), detail: { scope }, reason },
        words,
        terminal,
      );
    },
  });

interface Given {
  readonly everything: boolean | undefined;
  readonly agent: string | undefined;
  readonly action: string | undefined;
  readonly resource: string | undefined;
}

/** @throws AssentError `usage`, and `json_…` of the resource */
export function scopeOf({ everything, agent, action, resource }: Given): FreezeScope {
  const scopes: readonly FreezeScope[] = [
    ...(everything === true ? [{ of: 'everything' } as const] : []),
    ...(agent === undefined ? [] : [{ of: 'agent', agent } as const]),
    ...(action === undefined ? [] : [{ of: 'action', action: patternOf(action) } as const]),
    ...(resource === undefined ? [] : [{ of: 'resource', resource: fieldsOf(resource) } as const]),
  ];
  const [scope, ...others] = scopes;
  if (scope !== undefined && others.length === 0) return scope;
  throw new AssentError('usage', 'Say what to freeze, one of: --everything, --agent, --action, --resource.');
}

function patternOf(text: string): string {
  if (PATTERN.test(text)) return text;
  throw new AssentError('usage', `${JSON.stringify(text)} is no pattern of action names, such as sql.*.`);
}

function fieldsOf(text: string) {
  const json: Json = parseJson(text);
  if (isObject(json) && Object.keys(json).length > 0) return json;
  throw new AssentError('usage', '--resource takes a JSON object with a field at least: {"database":"crm"}.');
}
