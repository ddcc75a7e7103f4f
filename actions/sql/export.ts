/** The execution of an export: rows through a cursor into a file, bounded by what was approved. */
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { boundOf, rowsInWords } from './bound.ts';
import { csvLine } from './csv.ts';
import { type Cursor, openCursor, type Statement } from './cursor.ts';
import type { ExportFacts } from './facts.ts';
import { type Written, writeWhole } from './file.ts';
import { checkServer } from './role.ts';
import { readOnly, type Target } from './session.ts';

const BATCH_ROWS = 500;

export interface Export {
  readonly target: Target;
  readonly statement: Statement;
  /** What was approved; null where policy asked for no preview, and then nothing bounds the rows. */
  readonly approved: ExportFacts | null;
  /** How many percent more rows than approved there may be. */
  readonly slack: number;
  readonly root: string;
  readonly file: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
  heartbeat(): void;
}

interface Count {
  readonly rows: number;
  readonly defused: number;
}

/** @throws AssentError `bound_exceeded`, `columns_changed`, and as `readOnly`, `checkServer`, `openCursor` and `writeWhole` do */
export async function runExport(job: Export): Promise<JsonObject> {
  const { result, sha256, bytes } = await readOnly(job.target, job.seconds, job.signal, async (session) => {
    await checkServer(session, job.target, 'read');
    const cursor = await openCursor(session, 'assent_rows', job.statement);
    return stream(job, cursor);
  });
  return { file: job.file, rows: result.rows, defused: result.defused, sha256, bytes };
}

async function stream(job: Export, cursor: Cursor): Promise<Written<Count>> {
  const { columns } = await cursor.fetch(0);
  if (job.approved !== null && columns.join('\0') !== job.approved.columns.join('\0')) {
    throw new AssentError(
      'columns_changed',
      'The columns are no longer those that were approved; ask again, so that a new preview shows them.',
    );
  }
  return writeWhole(job.root, job.file, async (write) => {
    const header = csvLine(columns);
    await write(header.text);
    let count: Count = { rows: 0, defused: header.defused };
    while (true) {
      const { rows } = await cursor.fetch(BATCH_ROWS);
      if (rows.length === 0) {
        await cursor.confirm();
        return count;
      }
      const lines = rows.map(csvLine);
      count = {
        rows: count.rows + rows.length,
        defused: lines.reduce((sum, { defused }) => sum + defused, count.defused),
      };
      refuseExcess(count.rows, job);
      await write(lines.map(({ text }) => text).join(''));
      job.heartbeat();
    }
  });
}

function refuseExcess(rows: number, { approved, slack }: Export): void {
  const bound = approved === null ? Infinity : boundOf(approved.rows, slack);
  if (rows <= bound) return;
  throw new AssentError(
    'bound_exceeded',
    `There are more than the ${rowsInWords(bound)} that were approved; nothing is left of the export. Ask again, so that a new preview counts them.`,
  );
}
