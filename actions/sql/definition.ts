/** sql.export: the rows of one SELECT on a configured Postgres database, into one new CSV file. */
import { z } from 'zod';
import { defineAction } from '../define.ts';
import { driftOfExport, impactOf } from './facts.ts';
import { named, statementFields } from './input.ts';
import { type Judgement, judgeStatement, resourceOf } from './judge.ts';

const input = z.strictObject({
  ...statementFields,
  /** The file's name below the executor's export directory. */
  file: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.csv$/, 'name a file like customers-2026.csv, without a folder'),
});

export type ExportInput = z.infer<typeof input>;

export const sqlExport = defineAction<ExportInput>({
  name: 'sql.export',
  input,
  resource: (given) => resourceOf(judge(given), given.database, given.file),
  title: (given) => `Export ${named(judge(given).tables)} from ${given.database}`,
  describe: (given) => {
    const { tables, columns, functions } = judge(given);
    return [
      `Runs one SELECT on the database ${given.database}`,
      `Reads the tables: ${named(tables)}`,
      `Reads the columns: ${named(columns)}`,
      `Calls the functions: ${named(functions)}`,
      `Writes the rows to the new file ${given.file}`,
    ];
  },
  fields: {
    resource: ['database', 'kind', 'tables', 'columns', 'functions', 'file'],
    preview: ['rows', 'estimate', 'columns', 'personal_data', 'tables', 'server'],
  },
  impact: impactOf,
  drift: driftOfExport,
});

/** @throws AssentError `sql_…` */
export function judge({ statement, parameters }: ExportInput): Judgement {
  return judgeStatement(statement, parameters.length);
}
