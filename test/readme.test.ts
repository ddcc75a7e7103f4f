/** README tells the truth about the repository: its code, its policy, its commands. */
import { access, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  executorEnvironment,
  gatewayEnvironment,
  workerEnvironment,
} from '../activities/process/environment.ts';

const readme = await readFile('README.md', 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );

test("the agent's lines are examples/agent.ts, and at most ten", async () => {
  const code = await readFile('examples/agent.ts', 'utf8');
  expect(blocks('ts')).toEqual([code]);
  expect(code.trimEnd().split('\n').filter(Boolean).length).toBeLessThanOrEqual(10);
});

test('the policy is examples/policy.yaml', async () => {
  expect(blocks('yaml')[0]?.trimEnd()).toBe((await readFile('examples/policy.yaml', 'utf8')).trimEnd());
});

test('every other YAML in it is YAML', () => {
  for (const text of blocks('yaml')) expect(parse(text)).toBeTypeOf('object');
});

test('every npm command in it is one', async () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile('package.json', 'utf8')));
  const named = [...readme.matchAll(/npm run (\w+)/g)].map(([, name]) => name);
  expect(named).toContain('demo');
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test('every file that it names is there', async () => {
  const named = [...readme.matchAll(/[`(]((?:docs|examples|deploy|channels)\/[\w./-]+)[`)]/g)].map(
    ([, file]) => file,
  );
  expect(named).toContain('docs/card.png');
  for (const file of named) await expect(access(file ?? ''), file).resolves.toBeUndefined();
  await expect(access('docs/performance.md')).resolves.toBeUndefined();
});

test('every variable that a process reads is in its table', () => {
  const names = [workerEnvironment, executorEnvironment, gatewayEnvironment].flatMap(({ shape }) =>
    Object.keys(shape),
  );
  // SLACK_API_URL is for the development stack alone.
  for (const name of new Set(names)) if (name !== 'SLACK_API_URL') expect(readme).toContain(`\`${name}\``);
});
