import fc from 'fast-check';
import { parseSync } from 'libpg-query';
import { describe, expect, it } from 'vitest';
import { type Judgement, judgeStatement } from '../../actions/sql/judge.ts';
import { AssentError } from '../../approval/error.ts';
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
  const cases: readonly (readonly [name: string, text: string, read: Partial<Judgement>, parameters?: 2])[] =
    [
      ['nothing', 'SELECT 1', {}],
      [
        'bare columns of one table',
        'SELECT id, email FROM customers',
        { tables: ['customers'], columns: ['customers.email', 'customers.id'] },
      ],
      [
        'through an alias',
        'SELECT c.email FROM public.customers AS c',
        { tables: ['customers'], columns: ['customers.email'] },
      ],
      ['a star', 'SELECT * FROM customers', { tables: ['customers'], columns: ['customers.*'] }],
      ['TABLE', 'TABLE customers', { tables: ['customers'], columns: ['customers.*'] }],
      [
        'a star over two tables',
        'SELECT * FROM customers c CROSS JOIN orders o',
        { tables: ['customers', 'orders'], columns: ['customers.*', 'orders.*'] },
      ],
      [
        'one star of two',
        'SELECT o.* FROM customers c CROSS JOIN orders o',
        { tables: ['customers', 'orders'], columns: ['orders.*'] },
      ],
      [
        'aliases that swap names',
        'SELECT orders.email FROM customers orders CROSS JOIN orders customers',
        { tables: ['customers', 'orders'], columns: ['customers.email'] },
      ],
      [
        'conditions, not only output',
        "SELECT count(*) FROM customers WHERE email LIKE 'a%'",
        { tables: ['customers'], columns: ['customers.email'], functions: ['count'], operators: ['~~'] },
      ],
      [
        'joins',
        'SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id',
        {
          tables: ['customers', 'orders'],
          columns: ['customers.id', 'orders.customer_id'],
          operators: ['='],
        },
      ],
      [
        'a WITH query in place of a table',
        'WITH customers AS (SELECT note AS email FROM orders) SELECT email FROM customers',
        { tables: ['orders'], columns: ['orders.note'] },
      ],
      [
        'a WITH query that reads its namesake',
        'WITH customers AS (SELECT email FROM customers) SELECT email FROM customers',
        { tables: ['customers'], columns: ['customers.email'] },
      ],
      [
        'the table, where WITH is passed by',
        'WITH customers AS (SELECT 1 AS email) SELECT email FROM public.customers',
        { tables: ['customers'], columns: ['customers.email'] },
      ],
      [
        'a later WITH query is not seen by an earlier',
        'WITH a AS (SELECT email FROM b), b AS (SELECT 1 AS email) SELECT a.email FROM a',
        { tables: ['b'], columns: ['b.email'] },
      ],
      [
        'a query in FROM',
        'SELECT x.address FROM (SELECT email AS address FROM customers) x',
        { tables: ['customers'], columns: ['customers.email'] },
      ],
      [
        'a query in a condition',
        'SELECT c.id FROM customers c WHERE c.id IN (SELECT o.customer_id FROM orders o WHERE o.total > 1)',
        {
          tables: ['customers', 'orders'],
          columns: ['customers.id', 'orders.customer_id', 'orders.total'],
          operators: ['=', '>'],
        },
      ],
      [
        'a correlated query',
        'SELECT c.id FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)',
        {
          tables: ['customers', 'orders'],
          columns: ['customers.id', 'orders.customer_id'],
          operators: ['='],
        },
      ],
      [
        'both arms of a union',
        'SELECT c.email FROM customers c UNION ALL SELECT o.note FROM orders o ORDER BY email LIMIT 5',
        { tables: ['customers', 'orders'], columns: ['customers.email', 'orders.note'] },
      ],
      [
        'grouping',
        'SELECT country, count(*) AS n FROM customers GROUP BY country HAVING count(*) > 1 ORDER BY n DESC',
        { tables: ['customers'], columns: ['customers.country'], functions: ['count'], operators: ['>'] },
      ],
      [
        'windows',
        'SELECT id, row_number() OVER (PARTITION BY country ORDER BY created) FROM customers',
        {
          tables: ['customers'],
          columns: ['customers.country', 'customers.created', 'customers.id'],
          functions: ['row_number'],
        },
      ],
      [
        'quoted names',
        'SELECT "Email" FROM "Customers"',
        { tables: ['Customers'], columns: ['Customers.Email'] },
      ],
      [
        'folded names',
        'SELECT EMAIL FROM CUSTOMERS',
        { tables: ['customers'], columns: ['customers.email'] },
      ],
      [
        'escaped names',
        'SELECT U&"\\0065mail" FROM customers',
        { tables: ['customers'], columns: ['customers.email'] },
      ],
      ['ONLY', 'SELECT id FROM ONLY customers', { tables: ['customers'], columns: ['customers.id'] }],
      [
        'special syntax',
        "SELECT extract(year FROM created), trim(BOTH FROM email), created AT TIME ZONE 'UTC', current_date, substring(email FROM 1 FOR 2) FROM customers",
        {
          tables: ['customers'],
          columns: ['customers.created', 'customers.email'],
          functions: ['btrim', 'extract', 'substring', 'timezone'],
        },
      ],
      [
        'constructs',
        'SELECT CASE WHEN id BETWEEN 1 AND 2 THEN coalesce(a, b) ELSE nullif(a, b) END, greatest(a, b), a IS NULL, (a > b) IS TRUE, a IS DISTINCT FROM b, NOT (a = b) FROM customers',
        {
          tables: ['customers'],
          columns: ['customers.a', 'customers.b', 'customers.id'],
          operators: ['<=', '=', '>', '>='],
        },
      ],
      [
        'casts',
        "SELECT id::text, total::numeric(10, 2), date '2026-01-01', interval '1 day' FROM orders",
        { tables: ['orders'], columns: ['orders.id', 'orders.total'] },
      ],
      [
        'DISTINCT',
        'SELECT DISTINCT country FROM customers OFFSET 1',
        { tables: ['customers'], columns: ['customers.country'] },
      ],
      [
        'parameters',
        'SELECT id FROM customers WHERE id > $1 AND (id < $2 OR id = $1)',
        { tables: ['customers'], columns: ['customers.id'], operators: ['<', '=', '>'] },
        2,
      ],
    ];

  it.each(cases.map(([name, text, read, parameters]) => ({ name, text, read, parameters })))(
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
    for (const [, statement] of cases) {
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
