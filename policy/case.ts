/** Cases made ready to run: with times, resources and people filled in, and what makes a case mean nothing refused. */
import { digestOfJson, requestIdOf } from '../approval/digest.ts';
import { AssentError } from '../approval/error.ts';
import type { JsonObject, RequestStatement } from '../approval/types.ts';
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { YamlPath } from '../approval/yaml-place.ts';
import { absentFields, type CaseFault, inexact, strangers } from './case-faults.ts';
import type { CaseFile, CasesFile, Expected } from './case-file.ts';
import type { Directory } from './directory.ts';
import type { FieldsOf } from './field-faults.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface Case {
  readonly name: string;
  /** Where it begins in its file. */
  readonly line: number;
  readonly rehearsal: Rehearsal;
  readonly expected: Expected;
}

/** What an action's definition says of an input. @throws AssentError */
export type Examine = (name: string, input: JsonObject) => { resource: JsonObject; target: string };

export interface CaseContext {
  readonly directory: Directory;
  readonly examine: Examine;
  readonly fieldsOf: FieldsOf;
}

/** @throws AssentError `cases_invalid` with `evidence.faults` */
export function bindCases(document: YamlDocument<CasesFile>, context: CaseContext): readonly Case[] {
  const { value, faultAt, refuse } = document;
  const lines = new Map<string, number>();
  const bound = value.cases.map((one, index) => {
    const at = (path: YamlPath, message: string) => faultAt(['cases', index, ...path], message);
    const { line } = at([], '');
    const before = lines.get(one.name);
    if (before === undefined) lines.set(one.name, line);
    const repeated =
      before === undefined ? [] : [at(['name'], `is already the case of line ${before}; rename one`)];
    const read = examined(one, context.examine);
    const times = timesOf(one, value.requested_at);
    const faults = [
      ...repeated,
      ...strangers(one, context.directory).map(({ path, message }) => at(path, message)),
      ...absentFields(one, context.fieldsOf).map(({ path, message }) =>
        faultAt(['cases', index, ...path], message, { key: true }),
      ),
      ...('message' in read ? [at(read.path, read.message)] : []),
      ...('message' in times ? [at(times.path, times.message)] : []),
    ];
    if ('message' in read || 'message' in times) return { faults, cases: [] };
    const rehearsal = {
      ...rehearsalOf(one, times, context.directory),
      ...read,
      preview: one.preview ?? null,
    };
    const odd = inexact(rehearsal);
    if (odd !== null) return { faults: [...faults, at(['request'], odd)], cases: [] };
    return { faults, cases: [{ name: one.name, line, rehearsal, expected: one.expect }] };
  });
  refuse(bound.flatMap(({ faults }): readonly Fault[] => faults));
  return bound.flatMap(({ cases }) => cases);
}

interface Times {
  readonly asked: Date;
  readonly now: Date;
}

/** A case that says no time would be judged by the day on which it runs, and hold on some days only. */
function timesOf({ request, now, decisions }: CaseFile, usual: string | undefined): Times | CaseFault {
  const asked = request.requested_at ?? usual ?? now;
  if (asked === undefined) {
    return {
      path: ['request'],
      message: 'says no time; add now to the case, or requested_at once above the cases',
    };
  }
  const last = Math.max(0, ...decisions.map(({ after }) => after));
  const judged = now === undefined ? Date.parse(asked) + last * 1000 : Date.parse(now);
  const late = decisions.findIndex(({ after }) => Date.parse(asked) + after * 1000 > judged);
  if (late >= 0) {
    const message = `comes after now, counted from requested_at (${asked}); make now later, or say when it was requested`;
    return { path: ['decisions', late, 'after'], message };
  }
  return { asked: new Date(asked), now: new Date(judged) };
}

/** The definition's own resource, unless the case brings one. */
function examined(
  { request: { action, input }, resource }: CaseFile,
  examine: Examine,
): { resource: JsonObject; target: string } | CaseFault {
  try {
    const read = examine(action, input);
    return { resource: resource ?? read.resource, target: read.target };
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    if (resource !== undefined) return { resource, target: action };
    return error.code === 'action_unknown'
      ? {
          path: ['request', 'action'],
          message: `${action} is not known here; add resource to the case, or set ASSENT_ACTIONS to the module that defines it`,
        }
      : {
          path: ['request', 'input'],
          message: `${error.message.replace(/\.$/u, '')}; correct it, or add resource to the case`,
        };
  }
}

function rehearsalOf(
  { name, request, delegations, decisions }: CaseFile,
  { asked, now }: Times,
  directory: Directory,
): Omit<Rehearsal, 'resource' | 'target' | 'preview'> {
  return {
    request: statementOf(name, request, asked),
    delegations: delegations.map((one) => ({ ...one, digest: digestOfJson(one) })),
    said: decisions
      .map(({ person, verdict, after, reason, typed, own_key }) => ({
        person,
        verdict,
        at: new Date(asked.getTime() + after * 1000),
        reason: reason ?? null,
        typed: typed ?? null,
        keyid: own_key ? (directory.person(person)?.keys[0]?.keyid ?? null) : null,
      }))
      .toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    now,
  };
}

function statementOf(key: string, request: CaseFile['request'], asked: Date): RequestStatement {
  const { agent, action, input, on_behalf_of, intent, reason, trigger } = request;
  const audience = 'policy-test';
  return {
    audience,
    request_id: requestIdOf(audience, agent, key),
    key,
    agent,
    action: { name: action, input },
    claims: {
      on_behalf_of: on_behalf_of ?? null,
      intent: intent === undefined ? null : { statement: intent, source: null },
      reason: reason ?? null,
      trigger: trigger === undefined ? null : { ...trigger, url: null },
      context: {},
    },
    attested: null,
    requested_at: asked.toISOString(),
  };
}
