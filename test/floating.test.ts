/** No promise of the house is left to itself, by the checker's types rather than the linter's. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { floatingPromises } from './house/floating.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
// The whole project is checked, on a machine that may be busy.
const timeout = 90_000;

test('every file of the repository', { timeout }, () => {
  let seen = 0;
  const found = floatingPromises(root, join(root, 'tsconfig.json'), (file) => {
    seen += 1;
    return !file.startsWith('..');
  });
  expect(found).toEqual([]);
  expect(seen).toBeGreaterThan(100);
});

const code = `import { proxyActivities, sleep } from '@temporalio/workflow';
const { pay } = proxyActivities<{ pay(): Promise<void> }>({ startToCloseTimeout: '1s' });
export async function f(): Promise<void> {
  pay();
  sleep('1s');
  pay().then(() => undefined);
  pay().finally(() => undefined);
  if (Math.random() > 2) pay();
  [1].forEach(() => {
    pay();
  });
  await pay();
  void pay();
  pay().catch(() => undefined);
  pay().then(() => undefined, () => undefined);
  const kept = pay();
  await kept;
}
`;

test('it sees what the linter does not', { timeout }, () => {
  const project = mkdtempSync(join(tmpdir(), 'assent-floating-'));
  onTestFinished(() => rmSync(project, { recursive: true, force: true }));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['bad.ts'] }),
  );
  writeFileSync(join(project, 'bad.ts'), code);
  const found = floatingPromises(project, join(project, 'tsconfig.json'), () => true);
  expect(found.map((line) => line.split(' ')[0])).toEqual(
    [4, 5, 6, 7, 8, 10].map((line) => `bad.ts:${line}`),
  );
});
