/** A guard that follows its files, on real files that change under it. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Guard } from '../../policy/guard.ts';
import { type GuardWatch, watchGuard } from '../../policy/watch.ts';
import { DIRECTORY, POLICY } from './material.ts';

let folder: string;
let watch: GuardWatch | null;
let said: { readonly queue: string[]; next(): Promise<string> };
const files = () => ({ policy: join(folder, 'policy.yaml'), directory: join(folder, 'directory.yaml') });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-watch-'));
  await writeFile(files().policy, POLICY);
  await writeFile(files().directory, DIRECTORY);
  watch = null;
});

afterEach(async () => {
  watch?.close();
  await rm(folder, { recursive: true });
});

/** What the watch says, one line each: `changed <rules>` or the faults. */
async function watching(): Promise<GuardWatch> {
  const queue: string[] = [];
  let wake: () => void = () => undefined;
  const say = (line: string) => {
    queue.push(line);
    wake();
  };
  said = {
    queue,
    next: async () => {
      if (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return queue.shift() ?? '';
    },
  };
  const ids = ({ policy }: Guard) => policy.rules.map(({ id }) => id).join(' ');
  watch = await watchGuard(files(), {
    intervalMs: 5,
    onChange: (guard) => say(`changed ${ids(guard)}`),
    onError: ({ code, message }) => say(`${code} ${message}`),
  });
  return watch;
}

const RENAMED = POLICY.replace('id: orders', 'id: order-lists');

it('takes a new policy, written over or moved into its place', async () => {
  const { current } = await watching();
  const before = current();
  await writeFile(files().policy, RENAMED);
  expect(await said.next()).toBe('changed personal order-lists frozen');
  expect(current()).not.toBe(before);
  await writeFile(join(folder, 'new'), POLICY);
  await rename(join(folder, 'new'), files().policy);
  expect(await said.next()).toBe('changed personal orders frozen');
  expect(current().policy.digest).toBe(before.policy.digest);
});

it('keeps what it has where the new is broken', async () => {
  const { current } = await watching();
  const before = current();
  await writeFile(files().policy, POLICY.replace('timeout: 1h', 'timeout: soon'));
  expect(await said.next()).toMatch(/^policy_invalid/);
  expect(current()).toBe(before);
  await writeFile(files().policy, RENAMED);
  expect(await said.next()).toBe('changed personal order-lists frozen');
});

it('takes neither of a pair that does not fit together', async () => {
  const { current } = await watching();
  const before = current();
  const people = DIRECTORY.replaceAll('security', 'guards');
  await writeFile(files().directory, people);
  expect(await said.next()).toMatch(/^policy_invalid .*security is no group/);
  expect(current()).toBe(before);
  await writeFile(files().policy, POLICY.replaceAll('security', 'guards'));
  expect(await said.next()).toMatch(/^changed/);
  expect(current().directory.digest).not.toBe(before.directory.digest);
});

it('keeps what it has while a file is gone, and says nothing when the same comes back', async () => {
  const { current } = await watching();
  const before = current();
  await rename(files().directory, join(folder, 'aside'));
  expect(await said.next()).toMatch(/^file_unreadable/);
  await rename(join(folder, 'aside'), files().directory);
  await writeFile(files().policy, RENAMED);
  expect(await said.next()).toMatch(/^changed/);
  expect(current().directory.digest).toBe(before.directory.digest);
});

it('refuses to begin with what is broken', async () => {
  await writeFile(files().policy, 'version: 2\n');
  await expect(watching()).rejects.toMatchObject({ code: 'policy_invalid' });
});
