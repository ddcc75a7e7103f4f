import fc from 'fast-check';
import { parseSync } from 'libpg-query';
import { describe, expect, it } from 'vitest';
import { type Judgement, judgeStatement } from '../../actions/sql/judge.ts';
import { AssentError } from '../../approval/error.ts';
import { ACCEPTED } from './accepted-statements.ts';
import { HOSTILE } from './hostile-statements.ts';

function refusalOf(statement: string, parameters = 0): AssentError {
  try {
    judgeStatement(statement, parameters);
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
  throw new Error(`Not refused: ${statement}`);
}

const nothing: Judgement = { tables: [], columns: [], functions: [], operators: [] };

describe('statements that may not be exported', () => {
  it.each(HOSTILE)('%s: %s', (_, code, statement) => {
    expect(refusalOf(statement).code).toBe(code);
  });

  it('have names of their own', () => {
    const names = HOSTILE.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(
    HOSTILE.filter(
      ([name, code]) =>
        name !== 'three-part-star' && !/syntax|statement|comment|semicolon|not_select|parameters/.test(code),
    ),
  )('%s is found inside a query in FROM, too', (_, code, statement) => {
    expect(refusalOf(`SELECT 1 FROM (${statement}) around_it`).code).toBe(code);
  });

  it('say where', () => {
    expect(refusalOf('SELEC 1').message).toContain('(at character 1)');
    expect(refusalOf("SELECT 'é', pg_sleep(1)").message).toContain('(at character 13)');
    expect(refusalOf("SELECT 'é' -- x").message).toContain('(at character 12)');
  });

  it('are told without the values that they hold', () => {
    expect(refusalOf("SELECT 'hunter2' 'hunter2' FROM").message).not.toContain('hunter2');
  });
});

describe('what a statement reads', () => {
  it.each(ACCEPTED.map(([name, text, read, parameters]) => ({ name, text, read, parameters })))(
    '$name',
    (one) => {
      expect(judgeStatement(one.text, one.parameters ?? 0)).toEqual({ ...nothing, ...one.read });
    },
  );

  it('takes each value that is given, and no other', () => {
    const statement = 'SELECT id FROM customers WHERE id > $2';
    for (const given of [0, 1, 2, 3]) expect(refusalOf(statement, given).code).toBe('sql_parameters');
  });

  it('stays the same when the statement stands in parentheses, as it does when it is counted', () => {
    for (const [, statement] of ACCEPTED) {
      const counted = `SELECT count(*) FROM (\n${statement}\n) AS assent_counted`;
      const [whole] = parseSync(counted).stmts ?? [];
      const [alone] = parseSync(statement).stmts ?? [];
      expect(withoutPlaces(whole)).toContain(withoutPlaces(alone?.stmt));
    }
  });
});

describe('any text', () => {
  const words =
    'SELECT,FROM,WHERE,WITH,AS,(,),*,.,",",customers,c,email,=,$1,count,UNION,JOIN,ON,LATERAL,x,1,::,text,;,--,IN,"c"'
      .split(/,(?!")/)
      .concat([',', ' ', "'a'"]);

  it('is judged or refused with a code, and never leaves the parser broken', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (tokens) => {
        const text = tokens.join(' ');
        try {
          const { columns, tables } = judgeStatement(text, 0);
          for (const column of columns) expect(tables).toContain(column.split('.')[0]);
        } catch (error) {
          expect(error).toBeInstanceOf(AssentError);
        }
        expect(judgeStatement('SELECT email FROM customers', 0).columns).toEqual(['customers.email']);
      }),
      { numRuns: 500 },
    );
  });

  it('survives what the schema lets through at its longest', () => {
    const long = [
      `SELECT ${'('.repeat(4990)}1${')'.repeat(4990)}`,
      `SELECT ${'NOT '.repeat(2400)}true`,
      `SELECT ${'- '.repeat(4900)}1`,
    ];
    for (const text of long) {
      try {
        judgeStatement(text, 0);
      } catch (error) {
        expect(error).toBeInstanceOf(AssentError);
      }
    }
    expect(judgeStatement('SELECT 1', 0)).toEqual(nothing);
  });
});

/** A tree as text, without the places where its nodes stood. */
function withoutPlaces(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) =>
    /location|stmt_len|list_(start|end)/.test(key) ? undefined : value,
  );
}
