import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRegistry, sqlExecute } from '../../actions/index.ts';
import { boundOf } from '../../actions/sql/bound.ts';
import { judgeStatement } from '../../actions/sql/judge.ts';
import { judgeWrite } from '../../actions/sql/judge-write.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { ACCEPTED_WRITES } from './accepted-writes.ts';
import { HOSTILE_WRITES } from './hostile-writes.ts';

function refusalOf(work: () => unknown): AssentError {
  try {
    work();
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
  throw new Error('Not refused');
}

const parametersIn = (text: string): number => (text.includes('$1') ? 1 : 0);

describe('statements that may not be executed', () => {
  it.each(HOSTILE_WRITES)('%s: %s', (_, code, statement) => {
    expect(refusalOf(() => judgeWrite(statement, parametersIn(statement))).code).toBe(code);
  });

  it('have names of their own', () => {
    const names = HOSTILE_WRITES.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('say where, and quote no value', () => {
    const error = refusalOf(() =>
      judgeWrite("DELETE FROM accounts WHERE name = 'hunter2' AND pg_sleep(1)", 0),
    );
    expect(error.message).toContain('(at character 49)');
    expect(error.message).not.toContain('hunter2');
  });

  it('are no less refused where they are exported', () => {
    for (const { text, values } of ACCEPTED_WRITES) {
      expect(refusalOf(() => judgeStatement(text, values.length)).code).toBe('sql_not_select');
    }
  });
});

describe('what a statement writes and reads', () => {
  it.each(ACCEPTED_WRITES)('$name', ({ text, values, judged }) => {
    const { affected: _, functions: __, operators: ___, tables, ...found } = judgeWrite(text, values.length);
    expect(found).toEqual(judged);
    expect(tables).toEqual([...new Set([...judged.tablesRead, judged.table])].sort());
  });

  it.each(ACCEPTED_WRITES)('is counted by a SELECT that reads nothing else: $name', ({ text, values }) => {
    const { affected, tables, columns, functions } = judgeWrite(text, values.length);
    if (typeof affected === 'number') return;
    for (const table of affected.judgement.tables) expect(tables).toContain(table);
    for (const column of affected.judgement.columns) expect(columns).toContain(column);
    for (const name of affected.judgement.functions) expect(functions).toContain(name);
    expect(affected.parameters.every((number) => number >= 1 && number <= values.length)).toBe(true);
  });

  it('takes each value that is given, and no other', () => {
    const statement = 'DELETE FROM accounts WHERE id = $1 AND level = $2';
    for (const given of [0, 1, 3]) {
      expect(refusalOf(() => judgeWrite(statement, given)).code).toBe('sql_parameters');
    }
  });
});

describe('sql.execute', () => {
  const examine = (statement: string, parameters: readonly (string | number)[] = []) =>
    createRegistry([sqlExecute]).examine('sql.execute', { database: 'crm', statement, parameters });
  const facts: JsonObject = {
    rows: 1204,
    estimate: false,
    at_most: false,
    effects: ['delete'],
    personal_data: [],
    tables: ['accounts'],
    code: [],
    row_security: false,
    server: { version: '18.4', role: 'r' },
  };

  it('offers to policy what the text alone settles', () => {
    expect(examine('UPDATE accounts a SET email = lower(a.email) WHERE a.id = $1', [1]).resource).toEqual({
      database: 'crm',
      kind: 'update',
      effects: ['update'],
      tables: ['accounts'],
      tables_written: ['accounts'],
      tables_read: ['accounts'],
      columns_written: ['accounts.email'],
      columns_read: ['accounts.email', 'accounts.id'],
      functions: ['lower'],
      where: true,
    });
  });

  it('names what is touched, and says where nothing holds it back', () => {
    const all = examine('DELETE FROM accounts');
    expect(all.title).toBe('Delete from accounts in crm');
    expect(all.target).toBe('crm.accounts');
    expect(all.description).toContain('Has no WHERE: every row of the table');
    expect(examine('DELETE FROM accounts WHERE id = 1').description.join()).not.toContain('WHERE');
    expect(examine('INSERT INTO archive DEFAULT VALUES').description.join()).not.toContain('WHERE');
  });

  it('says its facts in words', () => {
    const impact = (change: JsonObject) =>
      examine('DELETE FROM accounts').present({ ...facts, ...change }).impact;
    expect(impact({})[0]).toBe('1,204 rows would be deleted');
    expect(impact({ rows: 1, effects: ['insert', 'update'], at_most: true })[0]).toBe(
      'At most 1 row would be inserted or updated',
    );
    expect(impact({ estimate: true })[0]).toMatch(/^About 1,204 rows .*estimate/);
    expect(impact({ effects: [] })[0]).toBe('1,204 rows would be changed');
    const code = [{ where: 'trigger stamp', calls: 'stamp()', digest: 'sha256:0' }];
    expect(impact({ code })).toContain('Runs code of the database: trigger stamp calls stamp()');
    expect(impact({ row_security: true }).at(-1)).toContain('Row security');
    expect(refusalOf(() => impact({ rows: -1 })).code).toBe('facts_malformed');
  });

  it('drifts by more rows, other code and row security; not by fewer rows or an updated server', () => {
    const drift = (change: JsonObject, slack = 0) =>
      examine('DELETE FROM accounts').drift(facts, { ...facts, ...change }, slack);
    expect(drift({})).toEqual([]);
    expect(drift({ rows: 0 })).toEqual([]);
    expect(drift({ rows: 1205 })).toEqual(['rows: at most 1,204 rows were approved, now there are 1205']);
    expect(drift({ rows: 1324 }, 10)).toEqual([]);
    expect(drift({ rows: 1325 }, 10)).toHaveLength(1);
    expect(drift({ server: { version: '18.5', role: 'r' } })).toEqual([]);
    expect(drift({ code: [{ where: 'trigger t', calls: 'f()', digest: 'sha256:1' }] })[0]).toMatch(/^code:/);
    expect(drift({ row_security: true })[0]).toMatch(/^row_security:/);
    expect(drift({ personal_data: ['accounts.email'] })[0]).toMatch(/^personal_data:/);
  });

  it('rounds a bound down', () => {
    expect(boundOf(0, 100)).toBe(0);
    expect(boundOf(7, 10)).toBe(7);
    expect(boundOf(10, 10)).toBe(11);
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 1000 }), (rows, slack) => {
        expect(boundOf(rows, slack)).toBeGreaterThanOrEqual(rows);
        expect(boundOf(rows, 0)).toBe(rows);
      }),
    );
  });
});

describe('any text', () => {
  const words =
    'DELETE,FROM,UPDATE,SET,INSERT,INTO,MERGE,USING,ON,WHEN,MATCHED,NOT,THEN,WHERE,WITH,AS,(,),.,accounts,events,a,e,id,=,1,$1,VALUES,SELECT,DEFAULT,CONFLICT,DO,NOTHING,excluded,RETURNING,*,ONLY,;'
      .split(',')
      .concat([',']);

  it('is judged or refused with a code, and never leaves the parser broken', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'DELETE FROM accounts',
          'UPDATE accounts SET',
          'INSERT INTO accounts',
          'MERGE INTO accounts',
          '',
        ),
        fc.array(fc.constantFrom(...words), { maxLength: 25 }),
        (start, tokens) => {
          try {
            const { table, columnsWritten } = judgeWrite([start, ...tokens].join(' '), 0);
            for (const column of columnsWritten) expect(column.split('.')[0]).toBe(table);
          } catch (error) {
            expect(error).toBeInstanceOf(AssentError);
          }
          expect(judgeWrite('DELETE FROM accounts WHERE id = 1', 0).where).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('survives what the schema lets through at its longest', () => {
    const long = [
      `DELETE FROM accounts WHERE id = ${'('.repeat(4900)}1${')'.repeat(4900)}`,
      `UPDATE accounts SET level = 1 WHERE ${'NOT '.repeat(2400)}true`,
      `INSERT INTO archive (id) VALUES ${'(1),'.repeat(2400)}(1)`,
      `DELETE FROM accounts WHERE id IN (${'1,'.repeat(4900)}1)`,
      `DELETE FROM accounts WHERE ${'id=1 OR '.repeat(1200)}true`,
    ];
    for (const text of long) {
      expect(text.length).toBeLessThan(10_001);
      try {
        judgeWrite(text, 0);
      } catch (error) {
        expect(error).toBeInstanceOf(AssentError);
      }
    }
    expect(judgeWrite(`INSERT INTO archive (id) VALUES ${'(1),'.repeat(2400)}(1)`, 0).affected).toBe(2401);
  });
});
