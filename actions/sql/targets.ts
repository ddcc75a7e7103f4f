/** The databases that an executor is configured for, by the names that requests give. */
import { AssentError } from '../../approval/error.ts';
import type { Target } from './session.ts';

export interface SqlTarget {
  /** Connects as a role that can only read; it is used before anyone has approved. */
  readonly previewUrl: string;
  /** Connects as the role that exports; it, too, can only read. */
  readonly exportUrl: string;
  /** Connects as the role that changes rows; null where nothing on this database is changed. */
  readonly executeUrl: string | null;
  /** Columns that the card marks: `customers.email`. */
  readonly personalData: readonly string[];
}

export type SqlTargets = Readonly<Record<string, SqlTarget>>;

/**
 * Finds a target by its name.
 *
 * @throws AssentError `sql_options_malformed` at once; `database_unknown` where it finds none
 */
export function finder(targets: SqlTargets): (database: string) => SqlTarget {
  const byName = new Map(Object.entries(targets));
  for (const [name, { personalData }] of byName) checkColumns(name, personalData);
  return (database) => {
    const target = byName.get(database);
    if (target !== undefined) return target;
    throw new AssentError(
      'database_unknown',
      `This executor is configured for no database named ${database}.`,
    );
  };
}

/** @throws AssentError `execute_unconfigured` */
export function executeTarget(database: string, { executeUrl }: SqlTarget): Target {
  if (executeUrl !== null) return { database, url: executeUrl };
  throw new AssentError(
    'execute_unconfigured',
    `This executor changes nothing on ${database}: its targets name no \`execute\` address for it.`,
  );
}

function checkColumns(target: string, columns: readonly string[]): void {
  const wrong = columns.find((column) => !/^[A-Za-z_]\w*\.[A-Za-z_]\w*$/.test(column));
  if (wrong === undefined) return;
  throw new AssentError(
    'sql_options_malformed',
    `targets.${target}.personalData: write ${JSON.stringify(wrong)} as table.column.`,
  );
}
