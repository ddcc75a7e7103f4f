import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../approval/types.ts';
import { loadGuard } from '../../policy/guard.ts';
import { answer, DIRECTORY, guard } from './material.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/policy.yaml');
const text = await readFile(EXAMPLE, 'utf8');

describe('the example policy', () => {
  const reads = (tables: string[], columns: string[], database = 'crm'): JsonObject => ({
    database,
    kind: 'select',
    tables,
    columns,
    functions: [],
    file: 'out.csv',
  });

  it.each([
    ['e-mail addresses', reads(['customers'], ['customers.email', 'customers.id']), 'require_approval'],
    [
      'telephone numbers',
      reads(['customers', 'orders'], ['customers.phone', 'orders.id']),
      'require_approval',
    ],
    ['names', reads(['customers'], ['customers.name']), 'require_approval'],
    ['all of customers', reads(['customers'], ['customers.*']), 'require_approval'],
    ['orders', reads(['orders'], ['orders.id', 'orders.total']), 'allow'],
    ['all of orders', reads(['orders'], ['orders.*']), 'allow'],
    ['orders of chosen customers', reads(['customers', 'orders'], ['customers.id', 'orders.id']), 'deny'],
    ['orders of another database', reads(['orders'], ['orders.id'], 'hr'), 'deny'],
    ['salaries', reads(['salaries'], ['salaries.amount']), 'deny'],
    ['nothing that is known', {}, 'deny'],
  ])('%s: %s', (_, resource, effect) => {
    expect(answer(guard(text), { resource }).effect).toBe(effect);
  });

  it('asks one data owner within the hour, and security after half of it', () => {
    const resource = reads(['customers'], ['customers.email']);
    const { requirement } = answer(guard(text), { resource });
    expect(requirement).toMatchObject({
      approvals: [{ any_of: [{ from: ['data-owners'], count: 1 }] }],
      timeout_seconds: 3600,
      escalations: [{ after_seconds: 1800, add: { from: ['security'] } }],
    });
  });
});

describe('a guard read from files', () => {
  it('judges as one of the same texts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assent-policy-'));
    try {
      const directory = join(folder, 'directory.yaml');
      await writeFile(directory, `\ufeff${DIRECTORY}`);
      const loaded = await loadGuard({ policy: EXAMPLE, directory });
      expect(loaded.policy.digest).toBe(guard(text).policy.digest);
      expect(loaded.directory.digest).toBe(guard(text).directory.digest);

      await writeFile(directory, Buffer.from([0x70, 0xff]));
      await expect(loadGuard({ policy: EXAMPLE, directory })).rejects.toMatchObject({
        code: 'file_unreadable',
      });
      await writeFile(directory, `#${'x'.repeat(8 * 1024 * 1024)}`);
      await expect(loadGuard({ policy: EXAMPLE, directory })).rejects.toMatchObject({
        code: 'file_unreadable',
      });
      for (const policy of [folder, join(folder, 'absent.yaml')]) {
        await expect(loadGuard({ policy, directory: EXAMPLE })).rejects.toMatchObject({
          code: 'file_unreadable',
          message: expect.stringContaining(policy),
        });
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
