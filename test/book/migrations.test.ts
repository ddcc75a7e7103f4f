import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { migrations } from '../../book/migrations/index.ts';

test('names every migration file, in the order of the files', async () => {
  const files = await readdir(new URL('../../book/migrations/', import.meta.url));
  const numbered = files.filter((file) => /^\d{4}-/.test(file)).sort();
  expect(Object.keys(migrations)).toEqual(
    numbered.map((file) => file.replace(/\.ts$/, '').replaceAll('-', '_')),
  );
});
