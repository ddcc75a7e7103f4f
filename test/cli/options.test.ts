/** What people give to commands: times, ages, scopes, triggers, and whether they mean it. */
import { describe, expect, test } from 'vitest';
import { confirmApproval } from '../../cli/confirm.ts';
import { scopeOf } from '../../cli/freeze.ts';
import { triggerOf } from '../../cli/request.ts';
import { agoSeconds, momentOf } from '../../cli/time.ts';

const coded = (code: string) => expect.objectContaining({ code });

describe('a time', () => {
  test('has an offset, or is of this machine’s clock', () => {
    expect(momentOf('2026-03-01T09:00Z', 'from')).toBe('2026-03-01T09:00:00.000Z');
    expect(momentOf('2026-03-01T09:00:30+01:00', 'until')).toBe('2026-03-01T08:00:30.000Z');
    expect(momentOf('2026-03-01T09:00', 'from')).toBe(new Date(2026, 2, 1, 9).toISOString());
  });

  test('that is a day begins with it, and ends with it', () => {
    expect(momentOf('2026-02-28', 'from')).toBe(new Date(2026, 1, 28).toISOString());
    expect(momentOf('2026-02-28', 'until')).toBe(new Date(2026, 2, 1).toISOString());
  });

  test.for(['2026-02-30', '2026-02-30T09:00Z', '2026-13-01', 'tomorrow', '9:00', '', '2026-03-01T09:00 CET'])(
    '%s is none',
    (text) => {
      expect(() => momentOf(text, 'from')).toThrow(coded('usage'));
    },
  );
});

test('an age', () => {
  expect(['90s', '15m', '2h', '3d'].map(agoSeconds)).toEqual([90, 900, 7200, 259_200]);
  for (const text of ['', '0s', '1', '-1h', '1w', '1h30m'])
    expect(() => agoSeconds(text)).toThrow(coded('usage'));
});

test('a trigger, with or without an address', () => {
  expect(triggerOf('github.push:4711')).toEqual({ type: 'github.push', id: '4711' });
  expect(triggerOf('github.push:4711:https://a.example/b:c')).toEqual({
    type: 'github.push',
    id: '4711',
    url: 'https://a.example/b:c',
  });
  for (const text of ['github', ':1', 'a:']) expect(() => triggerOf(text)).toThrow(coded('usage'));
});

describe('a freeze', () => {
  const none = { everything: undefined, agent: undefined, action: undefined, resource: undefined };
  test('is of one scope', () => {
    expect(scopeOf({ ...none, everything: true })).toEqual({ of: 'everything' });
    expect(scopeOf({ ...none, resource: '{"database":"crm"}' })).toEqual({
      of: 'resource',
      resource: { database: 'crm' },
    });
    expect(() => scopeOf(none)).toThrow(coded('usage'));
    expect(() => scopeOf({ ...none, everything: true, agent: 'a' })).toThrow(coded('usage'));
  });

  test('is of nothing that looks like all and is none', () => {
    for (const action of ['sql', 'sql.*'].map((text) => `${text}.`)) {
      expect(() => scopeOf({ ...none, action })).toThrow(coded('usage'));
    }
    for (const resource of ['{}', '[]', '"crm"']) {
      expect(() => scopeOf({ ...none, resource })).toThrow(coded('usage'));
    }
    expect(() => scopeOf({ ...none, resource: '{' })).toThrow(coded('json_malformed'));
  });
});

describe('an approval', () => {
  const typed = { target: 'crm', require: ['typed'] };
  const answers = (...lines: string[]) => ({ ask: async () => lines.shift() ?? '' });
  const nobody = { ask: null };

  test.for(['y', 'Y', 'yes', ' yes '])('is meant by %j', async (line) => {
    const given = { yes: false, typed: null };
    await expect(confirmApproval({ target: 'crm', require: [] }, given, answers(line))).resolves.toBeNull();
  });

  test.for(['', 'n', 'no', 'yess', 'approve'])('is not meant by %j', async (line) => {
    const given = { yes: false, typed: null };
    const asked = confirmApproval({ target: 'crm', require: [] }, given, answers(line));
    await expect(asked).rejects.toEqual(coded('not_confirmed'));
  });

  test('takes exactly the name, where it is typed', async () => {
    const given = { yes: true, typed: null };
    await expect(confirmApproval(typed, given, answers('crm'))).resolves.toBe('crm');
    for (const line of ['y', 'CRM', 'crm ', '']) {
      await expect(confirmApproval(typed, given, answers(line))).rejects.toEqual(coded('typed_mismatch'));
    }
    await expect(confirmApproval(typed, given, nobody)).rejects.toEqual(coded('confirmation_needed'));
    const hostile = { ...typed, target: 'crm\nassent: approved' };
    await expect(confirmApproval(hostile, given, answers('crm'))).rejects.toThrow(/^[^\n]+$/);
    await expect(confirmApproval(typed, { yes: true, typed: 'crn' }, nobody)).rejects.toEqual(
      coded('typed_mismatch'),
    );
    await expect(confirmApproval(typed, { yes: false, typed: 'crm' }, nobody)).resolves.toBe('crm');
  });
});
