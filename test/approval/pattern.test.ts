import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../../approval/pattern.ts';
import { durationSchema, durationWords } from '../../policy/duration.ts';

describe('a pattern', () => {
  it.each([
    ['sql.export', 'sql.export'],
    ['sql.*', 'sql.export'],
    ['*.export', 'sql.export'],
    ['*', 'deploy'],
    ['sql.**', 'sql.export'],
    ['sql.**', 'sql.export.csv'],
    ['**', 'deploy'],
    ['**', 'sql.export.csv'],
    ['*.**', 'sql.export.csv'],
  ])('%s matches %s', (pattern, action) => {
    expect(matchesPattern(pattern, action)).toBe(true);
  });

  it.each([
    ['sql.export', 'sql.exports'],
    ['sql.export', 'SQL.export'],
    ['sql.export', 'sql-export'],
    ['sql.export', 'sql'],
    ['sql.*', 'sql'],
    ['sql.*', 'sql.export.csv'],
    ['sql.*', 'sql.'],
    ['*', 'sql.export'],
    ['*', ''],
    ['**', ''],
    ['**', 'sql..export'],
    ['sql.**', 'sql'],
    ['sql.**', 'sql.'],
    ['sql.**', 'mysql.export'],
    ['*.**', 'sql'],
  ])('%s does not match %j', (pattern, action) => {
    expect(matchesPattern(pattern, action)).toBe(false);
  });
});

describe('a duration', () => {
  it.each([
    ['1s', 1, '1 second'],
    ['90s', 90, '90 seconds'],
    ['15m', 900, '15 minutes'],
    ['60m', 3600, '1 hour'],
    ['36h', 129_600, '36 hours'],
    ['30d', 2_592_000, '30 days'],
  ])('%s is %i seconds, in words %s', (text, seconds, words) => {
    expect(durationSchema.parse(text)).toBe(seconds);
    expect(durationWords(seconds)).toBe(words);
  });

  it.each(['', '1', 'm', '01m', '1.5h', '-1m', ' 1m', '1m ', '1M', '1h30m', '١m', '31d', '721h'])(
    '%j is none',
    (text) => {
      expect(durationSchema.safeParse(text).success).toBe(false);
    },
  );
});
