import { expect, it } from 'vitest';
import { AssentError } from '../../approval/error.ts';
import type { GuardFiles } from '../../policy/guard.ts';
import { createReload } from '../../policy/reload.ts';
import { DIRECTORY, POLICY } from './material.ts';

const RENAMED = POLICY.replace('id: orders', 'id: order-lists');
const BROKEN = POLICY.replace('timeout: 1h', 'timeout: soon');
const CUT = POLICY.slice(0, POLICY.indexOf('  - id: frozen'));
const GONE = new AssentError('file_unreadable', 'policy.yaml is gone.');
const OTHERWISE = POLICY.replace('timeout: 1h', 'timeout: later');

/** What is said of the texts that are found in turn. */
function said(...found: readonly (string | AssentError)[]): readonly string[] {
  const lines: string[] = [];
  const files = { policy: 'policy.yaml', directory: 'directory.yaml' };
  const texts = (policy: string): GuardFiles => ({ policy, directory: DIRECTORY });
  const { current, offer } = createReload(texts(POLICY), files, {
    onError: ({ code }) => lines.push(code),
    onChange: (guard) => lines.push(`changed ${guard.policy.rules.map(({ id }) => id).join(' ')}`),
  });
  for (const one of found) {
    const [before, lineCount] = [current(), lines.length];
    offer(typeof one === 'string' ? texts(one) : one);
    const changed = lines.slice(lineCount).some((line) => line.startsWith('changed'));
    expect(current() !== before).toBe(changed);
  }
  return lines;
}

const CHANGED = 'changed personal order-lists frozen';

it.each([
  ['nothing of the same', [POLICY, POLICY, POLICY], []],
  ['a change once', [RENAMED, RENAMED, RENAMED], [CHANGED]],
  ['nothing of what is found once only', [CUT, RENAMED, CUT, POLICY, CUT], []],
  ['only the whole, where half was found before', [CUT, RENAMED, RENAMED], [CHANGED]],
  ['of a broken text once what is wrong', [BROKEN, BROKEN, BROKEN, BROKEN], ['policy_invalid']],
  [
    'of each broken text',
    [BROKEN, BROKEN, OTHERWISE, OTHERWISE, OTHERWISE],
    ['policy_invalid', 'policy_invalid'],
  ],
  [
    'it again when it comes back',
    [BROKEN, BROKEN, POLICY, POLICY, BROKEN, BROKEN],
    ['policy_invalid', 'policy_invalid'],
  ],
  ['what it takes after that', [BROKEN, BROKEN, RENAMED, RENAMED], ['policy_invalid', CHANGED]],
  ['that a file is gone', [GONE, GONE, GONE, POLICY, POLICY], ['file_unreadable']],
  ['nothing where it is gone for one look', [GONE, POLICY, POLICY], []],
])('says %s', (_, found, lines) => {
  expect(said(...found)).toEqual(lines);
});
