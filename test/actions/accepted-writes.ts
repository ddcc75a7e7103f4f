/** Statements that may be executed: what each writes and reads, on the tables that test/live/sql-execute makes. */
import type { WriteJudgement } from '../../actions/sql/judge-write.ts';

type Judged = Omit<WriteJudgement, 'affected' | 'functions' | 'operators' | 'tables' | 'table'>;

export interface AcceptedWrite {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | number | null)[];
  readonly judged: Judged & { readonly table: string };
}

function accepted(
  name: string,
  text: string,
  values: readonly (string | number | null)[],
  { table, kind, ...judged }: Partial<Judged> & { table: string; kind: Judged['kind'] },
): AcceptedWrite {
  const nothing = {
    tablesRead: [],
    columns: [],
    columnsWritten: [],
    updated: [],
    where: false,
    atMost: false,
  };
  return {
    name,
    text,
    values,
    judged: { ...nothing, effects: kind === 'merge' ? [] : [kind], kind, table, ...judged },
  };
}

const deleting = (table: string, judged: Partial<Judged>) =>
  ({ table, kind: 'delete', columnsWritten: [`${table}.*`], ...judged }) as const;

export const ACCEPTED_WRITES: readonly AcceptedWrite[] = [
  accepted('delete-all', 'DELETE FROM accounts', [], deleting('accounts', {})),
  accepted(
    'delete-some',
    'DELETE FROM accounts WHERE country = $1 AND balance < 0',
    ['DE'],
    deleting('accounts', {
      where: true,
      tablesRead: ['accounts'],
      columns: ['accounts.balance', 'accounts.country'],
    }),
  ),
  accepted(
    'delete-only',
    'DELETE FROM ONLY public.accounts a WHERE a.id <= 7',
    [],
    deleting('accounts', { where: true, tablesRead: ['accounts'], columns: ['accounts.id'] }),
  ),
  accepted(
    'delete-using: each row once, whatever its partners',
    'DELETE FROM accounts a USING events e WHERE e.account_id = a.id AND e.kind = $1',
    ['paid'],
    deleting('accounts', {
      where: true,
      tablesRead: ['accounts', 'events'],
      columns: ['accounts.id', 'events.account_id', 'events.kind'],
    }),
  ),
  accepted(
    'delete-using without a WHERE',
    'DELETE FROM archive USING events',
    [],
    deleting('archive', { tablesRead: ['events'] }),
  ),
  accepted(
    'delete-using a join and a query of WITH',
    `WITH late AS (SELECT e.account_id AS owner FROM events e WHERE e.amount > $2)
     DELETE FROM accounts a USING late l LEFT JOIN archive r ON r.id = l.owner
     WHERE a.id = l.owner AND r.id IS NULL AND a.country <> $1`,
    ['FR', 40],
    deleting('accounts', {
      where: true,
      tablesRead: ['accounts', 'archive', 'events'],
      columns: ['accounts.country', 'accounts.id', 'archive.id', 'events.account_id', 'events.amount'],
    }),
  ),
  accepted(
    'delete by a query in the condition',
    'DELETE FROM events WHERE account_id IN (SELECT a.id FROM accounts a WHERE a.balance < 0) AND id % 2 = 0',
    [],
    deleting('events', {
      where: true,
      tablesRead: ['accounts', 'events'],
      columns: ['accounts.balance', 'accounts.id', 'events.account_id', 'events.id'],
    }),
  ),
  accepted(
    'delete by a correlated query',
    'DELETE FROM accounts a WHERE (SELECT count(*) FROM events e WHERE e.account_id = a.id) > 3',
    [],
    deleting('accounts', {
      where: true,
      tablesRead: ['accounts', 'events'],
      columns: ['accounts.id', 'events.account_id'],
    }),
  ),
  accepted('update-all', 'UPDATE accounts SET level = 0', [], {
    table: 'accounts',
    kind: 'update',
    columnsWritten: ['accounts.level'],
    updated: ['level'],
  }),
  accepted(
    'update-some: what it reads on the right, too',
    "UPDATE accounts AS a SET balance = a.balance + $1, email = lower(a.email) WHERE a.name LIKE '%1'",
    [5],
    {
      table: 'accounts',
      kind: 'update',
      where: true,
      tablesRead: ['accounts'],
      columns: ['accounts.balance', 'accounts.email', 'accounts.name'],
      columnsWritten: ['accounts.balance', 'accounts.email'],
      updated: ['balance', 'email'],
    },
  ),
  accepted('update-default', 'UPDATE archive SET note = DEFAULT WHERE id = $1', [3], {
    table: 'archive',
    kind: 'update',
    where: true,
    tablesRead: ['archive'],
    columns: ['archive.id'],
    columnsWritten: ['archive.note'],
    updated: ['note'],
  }),
  accepted(
    'update-from: a parameter that the count does not need comes first',
    'UPDATE accounts a SET name = $1, level = e.amount FROM events e WHERE e.account_id = a.id AND e.kind = $2',
    ['renamed', 'lost'],
    {
      table: 'accounts',
      kind: 'update',
      where: true,
      tablesRead: ['accounts', 'events'],
      columns: ['accounts.id', 'events.account_id', 'events.amount', 'events.kind'],
      columnsWritten: ['accounts.level', 'accounts.name'],
      updated: ['level', 'name'],
    },
  ),
  accepted(
    'update-from itself under another name',
    'UPDATE accounts SET level = other.level FROM accounts other WHERE other.id = accounts.id + 1',
    [],
    {
      table: 'accounts',
      kind: 'update',
      where: true,
      tablesRead: ['accounts'],
      columns: ['accounts.id', 'accounts.level'],
      columnsWritten: ['accounts.level'],
      updated: ['level'],
    },
  ),
  accepted(
    'update-case: precedence, quotes and a line end survive the way back into text',
    `UPDATE accounts SET name = 'O''Neill' WHERE NOT (id = 1 OR -id > -(3 + 4) * 5) AND (name || E'\\n' <> 'é\\' OR email IS NULL)
      AND CASE WHEN balance < 0 THEN false ELSE true END AND country IN ('DE', 'FR') AND id BETWEEN 2 AND 3000`,
    [],
    {
      table: 'accounts',
      kind: 'update',
      where: true,
      tablesRead: ['accounts'],
      columns: ['accounts.balance', 'accounts.country', 'accounts.email', 'accounts.id', 'accounts.name'],
      columnsWritten: ['accounts.name'],
      updated: ['name'],
    },
  ),
  accepted('insert-values', 'INSERT INTO archive (id, name) VALUES (9001, $1), (9002, DEFAULT)', ['x'], {
    table: 'archive',
    kind: 'insert',
    columnsWritten: ['archive.id', 'archive.name'],
  }),
  accepted('insert-defaults', 'INSERT INTO archive DEFAULT VALUES', [], { table: 'archive', kind: 'insert' }),
  accepted(
    'insert-values by a query',
    'INSERT INTO archive (id, name) VALUES ((SELECT max(e.id) FROM events e), current_date::text)',
    [],
    {
      table: 'archive',
      kind: 'insert',
      tablesRead: ['events'],
      columns: ['events.id'],
      columnsWritten: ['archive.id', 'archive.name'],
    },
  ),
  accepted(
    'insert-select',
    'INSERT INTO archive (id, name) SELECT id, name FROM accounts WHERE balance < $1 ORDER BY id LIMIT 20',
    [0],
    {
      table: 'archive',
      kind: 'insert',
      tablesRead: ['accounts'],
      columns: ['accounts.balance', 'accounts.id', 'accounts.name'],
      columnsWritten: ['archive.id', 'archive.name'],
    },
  ),
  accepted(
    'insert-select with its own WITH',
    `INSERT INTO archive (id) WITH w AS (SELECT a.id AS n FROM accounts a WHERE a.country = 'DE')
     SELECT w.n FROM w UNION SELECT e.id FROM events e WHERE e.id < 5`,
    [],
    {
      table: 'archive',
      kind: 'insert',
      tablesRead: ['accounts', 'events'],
      columns: ['accounts.country', 'accounts.id', 'events.id'],
      columnsWritten: ['archive.id'],
    },
  ),
  accepted('insert-star', 'INSERT INTO archive (id, name, note) SELECT * FROM archive', [], {
    table: 'archive',
    kind: 'insert',
    tablesRead: ['archive'],
    columns: ['archive.*'],
    columnsWritten: ['archive.id', 'archive.name', 'archive.note'],
  }),
  accepted(
    'upsert',
    `INSERT INTO accounts AS a (id, name, level) VALUES (1, 'one', 1), (9001, 'new', 2)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, level = a.level + 1`,
    [],
    {
      table: 'accounts',
      kind: 'insert',
      effects: ['insert', 'update'],
      tablesRead: ['accounts'],
      columns: ['accounts.id', 'accounts.level', 'accounts.name'],
      columnsWritten: ['accounts.id', 'accounts.level', 'accounts.name'],
      updated: ['level', 'name'],
      atMost: true,
    },
  ),
  accepted(
    'insert-where-absent',
    "INSERT INTO accounts (id, name) SELECT e.id, 'e' FROM events e WHERE e.id < 4 ON CONFLICT DO NOTHING",
    [],
    {
      table: 'accounts',
      kind: 'insert',
      tablesRead: ['events'],
      columns: ['events.id'],
      columnsWritten: ['accounts.id', 'accounts.name'],
      atMost: true,
    },
  ),
  accepted(
    'merge with every sort of branch',
    `MERGE INTO accounts a USING (SELECT e.account_id AS owner, sum(e.amount) AS total FROM events e GROUP BY e.account_id) s
       ON a.id = s.owner
     WHEN MATCHED AND s.total > $1 THEN UPDATE SET balance = a.balance + s.total, level = DEFAULT
     WHEN MATCHED AND a.country = 'FR' THEN DO NOTHING
     WHEN MATCHED AND a.email IS NULL THEN DELETE
     WHEN NOT MATCHED AND s.total < 0 THEN DO NOTHING
     WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.owner, $2)
     WHEN NOT MATCHED BY SOURCE AND a.balance < 0 THEN DELETE
     WHEN NOT MATCHED BY SOURCE AND a.level > 2 THEN UPDATE SET level = 2`,
    [60, 'merged'],
    {
      table: 'accounts',
      kind: 'merge',
      effects: ['delete', 'insert', 'update'],
      tablesRead: ['accounts', 'events'],
      columns: [
        'accounts.balance',
        'accounts.country',
        'accounts.email',
        'accounts.id',
        'accounts.level',
        'events.account_id',
        'events.amount',
      ],
      columnsWritten: ['accounts.*', 'accounts.balance', 'accounts.id', 'accounts.level', 'accounts.name'],
      updated: ['balance', 'level'],
    },
  ),
  accepted(
    'merge that only inserts',
    `WITH s AS (SELECT e.account_id AS owner FROM events e WHERE e.id % 3 = 0 GROUP BY e.account_id)
     MERGE INTO archive USING s ON archive.id = s.owner WHEN NOT MATCHED THEN INSERT (id) VALUES (s.owner)`,
    [],
    {
      table: 'archive',
      kind: 'merge',
      effects: ['insert'],
      tablesRead: ['archive', 'events'],
      columns: ['archive.id', 'events.account_id', 'events.id'],
      columnsWritten: ['archive.id'],
    },
  ),
  accepted(
    'merge that does nothing',
    'MERGE INTO archive r USING events e ON r.id = e.id WHEN MATCHED THEN DO NOTHING',
    [],
    {
      table: 'archive',
      kind: 'merge',
      tablesRead: ['archive', 'events'],
      columns: ['archive.id', 'events.id'],
    },
  ),
];
