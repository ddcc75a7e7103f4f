/** sql.export at work, on the databases and the directory that the executor is configured for. */
import { type Implementation, implement } from '../implement.ts';
import type { Statement } from './cursor.ts';
import { type ExportInput, judge, sqlExport } from './definition.ts';
import { runExport } from './export.ts';
import { parseFacts } from './facts.ts';
import { checkPlace } from './file.ts';
import { previewExport } from './preview.ts';
import { finder, type SqlTargets } from './targets.ts';

export interface SqlExportOptions {
  /** By the name that a request's `database` gives. */
  readonly targets: SqlTargets;
  /** An existing directory that only the executor can write to, by its real path. */
  readonly root: string;
}

/** @throws AssentError `sql_options_malformed` */
export function implementSqlExport({ targets, root }: SqlExportOptions): Implementation {
  const find = finder(targets);
  return implement(sqlExport, {
    async preview({ input, signal }) {
      const { previewUrl, personalData } = find(input.database);
      await checkPlace(root, input.file);
      const target = { database: input.database, url: previewUrl };
      return { ...(await previewExport({ target, statement: statementOf(input), personalData, signal })) };
    },
    async execute(call) {
      const { input, approved, slack, signal } = call;
      const { exportUrl } = find(input.database);
      return runExport({
        target: { database: input.database, url: exportUrl },
        statement: statementOf(input),
        approved: approved === null ? null : parseFacts(approved),
        slack,
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
