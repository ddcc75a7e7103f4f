/** Policy or directory are read anew after the Start was signed: it names what it is consumed under, or nothing runs. */
import { expect, it } from 'vitest';
import { digestOfJson } from '../../approval/digest.ts';
import { allowed, allowing, approved, asking, meanwhile, RELEASE, refusalOf, type World } from './world.ts';

const other = digestOfJson('read anew');

it.each<readonly [string, World, World['policy']]>([
  ['another policy that asks the same', approved(), { ...asking(), policy_digest: other }],
  ['another directory with the same people', approved(), { ...asking(), directory_digest: other }],
  ['another policy that allows it too', allowed(), { ...allowing, policy_digest: other }],
  [
    'a rule that allows it with less slack',
    allowed(),
    { ...allowing, rule_digest: other, release: { ...RELEASE, slack_percent: 0 } },
  ],
])('%s', async (_, world, now) => {
  const refused = await refusalOf(
    meanwhile((it) => {
      it.policy = now;
    }, world),
  );
  expect(refused).toMatchObject({ again: { how: 'hold' }, start: { kind: 'start' } });
  expect(world.book.consumptions).toEqual([]);
});
