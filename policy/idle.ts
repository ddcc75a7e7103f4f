/** Rules that no request ever reaches or matches. */
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import { covers } from './pattern.ts';
import type { PolicyFile, RuleFile } from './policy-file.ts';

export function idleFaults({ value, faultAt }: YamlDocument<PolicyFile>): readonly Fault[] {
  /** Earlier rules that match whatever their pattern does, and others by their condition. */
  const always: number[] = [];
  const conditional = new Map<string, number[]>();
  return value.rules.flatMap((rule, index) => {
    const { action, when } = rule.match;
    const constant = when === undefined || when.given({});
    const alike = when === undefined ? [] : (conditional.get(when.source) ?? []);
    const earlier = [...always, ...alike].find((other) => covers(actionOf(value.rules[other]), action));
    if (constant === true) always.push(index);
    else if (when !== undefined) conditional.set(when.source, [...alike, index]);

    if (constant === false) {
      return [faultAt(['rules', index, 'match', 'when'], 'is never true; correct it, or drop the rule')];
    }
    if (earlier === undefined) return [];
    const { line } = faultAt(['rules', earlier, 'id'], '');
    const message = `matches nothing that rule ${value.rules[earlier]?.id} of line ${line} leaves; move it before that, or drop it`;
    return [faultAt(['rules', index, 'match'], message, { key: true })];
  });
}

function actionOf(rule: RuleFile | undefined): string {
  return rule?.match.action ?? '';
}
