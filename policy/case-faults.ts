/** What would make a case hold by mistake: names that are nobody's, and fields that no rule ever sees. */
import { canonicalize } from '../approval/canonical-json.ts';
import { AssentError } from '../approval/error.ts';
import type { YamlPath } from '../approval/yaml-place.ts';
import type { CaseFile } from './case-file.ts';
import type { Directory } from './directory.ts';
import type { FieldsOf } from './field-faults.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface CaseFault {
  readonly path: YamlPath;
  readonly message: string;
}

/** A name that is nobody's decides nothing and is never eligible: what is expected of it holds by mistake. */
export function strangers(
  { delegations, decisions, expect }: CaseFile,
  directory: Directory,
): readonly CaseFault[] {
  const named = [
    ...delegations.flatMap(({ principal, delegate }, index) => [
      { path: ['delegations', index, 'principal'], name: principal },
      { path: ['delegations', index, 'delegate'], name: delegate },
    ]),
    ...decisions.map(({ person }, index) => ({ path: ['decisions', index, 'person'], name: person })),
    ...(['eligible', 'excluded'] as const).flatMap((field) =>
      (expect[field] ?? []).map((name, index) => ({ path: ['expect', field, index], name })),
    ),
  ];
  return [
    ...named
      .filter(({ name }) => directory.person(name) === null)
      .map(({ path, name }) => ({
        path,
        message: `${name} is nobody in the directory; write a person's id${directory.kindOf(name) === null ? '' : `, not that of a ${directory.kindOf(name)}`}`,
      })),
    ...decisions.flatMap(({ person, own_key }, index) =>
      own_key && directory.person(person)?.keys.length === 0
        ? [
            {
              path: ['decisions', index, 'own_key'],
              message: `${person} has no key in the directory; leave it out`,
            },
          ]
        : [],
    ),
  ];
}

/** What the action never has, no rule ever sees. */
export function absentFields(
  { request: { action }, resource, preview }: CaseFile,
  fieldsOf: FieldsOf,
): readonly CaseFault[] {
  const given = { resource, preview };
  return (['resource', 'preview'] as const).flatMap((part) => {
    const fields = fieldsOf(action)?.[part];
    if (fields === undefined) return [];
    return Object.keys(given[part] ?? {})
      .filter((name) => !fields.includes(name))
      .map((name) => ({
        path: [part, name],
        message: `the ${part} of ${action} has no ${name}; it has ${fields.join(', ')}`,
      }));
  });
}

/** What has no exact JSON form could not stand in a signed request either. */
export function inexact({
  request,
  resource,
  preview,
}: Pick<Rehearsal, 'request' | 'resource' | 'preview'>): string | null {
  try {
    canonicalize([request.action.input, resource, preview]);
    return null;
  } catch (error) {
    if (error instanceof AssentError) return error.message.replace(/\.$/u, '');
    throw error;
  }
}
