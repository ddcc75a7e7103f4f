/** sql.execute: one INSERT, UPDATE, DELETE or MERGE on a configured Postgres database. */
import { z } from 'zod';
import { defineAction } from '../define.ts';
import { driftOfExecution, impactOfExecution } from './execute-facts.ts';
import { named, statementFields } from './input.ts';
import { judgeWrite, resourceOfWrite, type WriteJudgement } from './judge-write.ts';

const input = z.strictObject(statementFields);

export type ExecuteInput = z.infer<typeof input>;

const TITLES = {
  delete: 'Delete from',
  insert: 'Insert into',
  update: 'Update',
  merge: 'Merge into',
} as const;

export const sqlExecute = defineAction<ExecuteInput>({
  name: 'sql.execute',
  input,
  resource: (given) => resourceOfWrite(judgeExecution(given), given.database),
  title: (given) => {
    const { kind, table } = judgeExecution(given);
    return `${TITLES[kind]} ${table} in ${given.database}`;
  },
  describe: (given) => {
    const { kind, columns, columnsWritten, functions, tablesRead, where } = judgeExecution(given);
    return [
      `Runs one ${kind.toUpperCase()} on the database ${given.database}`,
      `Writes the columns: ${named(columnsWritten)}`,
      `Reads the tables: ${named(tablesRead)}`,
      `Reads the columns: ${named(columns)}`,
      `Calls the functions: ${named(functions)}`,
      ...(where || kind === 'insert' || kind === 'merge' ? [] : ['Has no WHERE: every row of the table']),
    ];
  },
  target: (given) => `${given.database}.${judgeExecution(given).table}`,
  fields: {
    resource: [
      'database',
      'kind',
      'effects',
      'tables',
      'tables_written',
      'tables_read',
      'columns_written',
      'columns_read',
      'functions',
      'where',
    ],
    preview: [
      'rows',
      'estimate',
      'at_most',
      'effects',
      'personal_data',
      'tables',
      'code',
      'row_security',
      'server',
    ],
  },
  impact: impactOfExecution,
  drift: driftOfExecution,
});

/** @throws AssentError `sql_…` */
export function judgeExecution({ statement, parameters }: ExecuteInput): WriteJudgement {
  return judgeWrite(statement, parameters.length);
}
