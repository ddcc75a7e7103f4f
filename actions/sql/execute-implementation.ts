/** sql.execute at work, on the databases that the executor is configured for. */
import { type Implementation, implement } from '../implement.ts';
import { runExecution } from './execute.ts';
import { type ExecuteInput, judgeExecution, sqlExecute } from './execute-definition.ts';
import { parseExecuteFacts } from './execute-facts.ts';
import { previewExecution, type WriteStatement } from './execute-preview.ts';
import { executeTarget, finder, type SqlTargets } from './targets.ts';

/** One statement holds its locks no longer than this. */
const STATEMENT_SECONDS = 120;

export interface SqlExecuteOptions {
  /** By the name that a request's `database` gives. */
  readonly targets: SqlTargets;
}

/** @throws AssentError `sql_options_malformed` */
export function implementSqlExecute({ targets }: SqlExecuteOptions): Implementation {
  const find = finder(targets);
  return implement(sqlExecute, {
    async preview({ input, signal }) {
      const { database } = input;
      const found = find(database);
      // Nobody is asked about what could not be done.
      executeTarget(database, found);
      const { previewUrl, personalData } = found;
      const target = { database, url: previewUrl };
      return { ...(await previewExecution({ target, statement: statementOf(input), personalData, signal })) };
    },
    async execute(call) {
      const { input, approved, slack, signal } = call;
      return runExecution({
        target: executeTarget(input.database, find(input.database)),
        statement: statementOf(input),
        approved: approved === null ? null : parseExecuteFacts(approved),
        slack,
        seconds: STATEMENT_SECONDS,
        signal,
        heartbeat: () => call.heartbeat(),
      });
    },
  });
}

function statementOf(input: ExecuteInput): WriteStatement {
  return { text: input.statement, values: input.parameters, judgement: judgeExecution(input) };
}
