/** Conditions that read a field which the actions of their rule don't have. */
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { PolicyFile } from './policy-file.ts';

/** The fields that there may be; one that is left out is not known. */
export interface Fields {
  readonly input?: readonly string[];
  readonly resource?: readonly string[];
  readonly preview?: readonly string[];
}

/** Of all actions that a pattern matches; null where one of them is not known. */
export type FieldsOf = (pattern: string) => Fields | null;

export function fieldFaults(
  { value, faultAt }: YamlDocument<PolicyFile>,
  fieldsOf: FieldsOf,
): readonly Fault[] {
  return value.rules.flatMap(({ match: { action, when } }, index) => {
    const known = when === undefined ? null : fieldsOf(action);
    if (when === undefined || known === null) return [];
    return when.readings.flatMap(({ path, offset }): readonly Fault[] => {
      const [root, field] = path[0] === 'action' ? path.slice(1) : path;
      if (field === undefined || (root !== 'input' && root !== 'resource' && root !== 'preview')) return [];
      const fields = known[root];
      if (fields === undefined || fields.includes(field)) return [];
      const message = `the ${root} of ${action} has no ${field}; it has ${fields.join(', ')}`;
      return [faultAt(['rules', index, 'match', 'when'], message, { offset })];
    });
  });
}
