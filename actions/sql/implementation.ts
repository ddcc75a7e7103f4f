/** sql.export at work, on the databases and the directory that the executor is configured for. */
import { AssentError } from '../../approval/error.ts';
import { type Implementation, implement } from '../implement.ts';
import type { Statement } from './cursor.ts';
import { type ExportInput, judge, sqlExport } from './definition.ts';
import { runExport } from './export.ts';
import { parseFacts } from './facts.ts';
import { checkPlace } from './file.ts';
import { previewExport } from './preview.ts';

export interface SqlTarget {
  /** Connects as a role that can only read; it is used before anyone has approved. */
  readonly previewUrl: string;
  /** Connects as the role that exports; it, too, can only read. */
  readonly exportUrl: string;
  /** Columns that the card marks: `customers.email`. */
  readonly personalData: readonly string[];
}

export interface SqlExportOptions {
  /** By the name that a request's `database` gives. */
  readonly targets: Readonly<Record<string, SqlTarget>>;
  /** An existing directory that only the executor can write to, by its real path. */
  readonly root: string;
}

/** @throws AssentError `sql_options_malformed` */
export function implementSqlExport({ targets, root }: SqlExportOptions): Implementation {
  const byName = new Map(Object.entries(targets));
  for (const [name, { personalData }] of byName) checkColumns(name, personalData);
  const find = (name: string): SqlTarget => {
    const target = byName.get(name);
    if (target !== undefined) return target;
    throw new AssentError('database_unknown', `This executor is configured for no database named ${name}.`);
  };
  return implement(sqlExport, {
    async preview({ input, signal }) {
      const { previewUrl, personalData } = find(input.database);
      await checkPlace(root, input.file);
      const target = { database: input.database, url: previewUrl };
      return { ...(await previewExport({ target, statement: statementOf(input), personalData, signal })) };
    },
    async execute(call) {
      const { input, approved, signal } = call;
      const { exportUrl } = find(input.database);
      return runExport({
        target: { database: input.database, url: exportUrl },
        statement: statementOf(input),
        approved: approved === null ? null : parseFacts(approved),
        root,
        file: input.file,
        seconds: sqlExport.maxSeconds,
        signal,
        heartbeat: () => call.heartbeat(),
      });
    },
  });
}

function statementOf(input: ExportInput): Statement {
  return { text: input.statement, values: input.parameters, judgement: judge(input) };
}

function checkColumns(target: string, columns: readonly string[]): void {
  const wrong = columns.find((column) => !/^[A-Za-z_]\w*\.[A-Za-z_]\w*$/.test(column));
  if (wrong === undefined) return;
  throw new AssentError(
    'sql_options_malformed',
    `targets.${target}.personalData: write ${JSON.stringify(wrong)} as table.column.`,
  );
}
