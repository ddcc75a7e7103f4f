/** The `sql` section of targets.yaml: the databases that sql.export may read and sql.execute may change. */
import { z } from 'zod';
import type { Implementation } from '../../actions/implement.ts';
import { implementSqlExecute } from '../../actions/sql/execute-implementation.ts';
import { implementSqlExport } from '../../actions/sql/implementation.ts';
import { mapping } from '../../approval/yaml-fault.ts';

const postgres = z.url({ protocol: /^postgres(ql)?$/, error: 'must be an address, postgres://…' });
const database = mapping({
  preview: postgres,
  export: postgres,
  /** Without it, sql.execute is refused on this database. */
  execute: postgres.optional(),
  personal_data: z.array(z.string().min(1)),
});

export const sqlSection = mapping({
  exports: z.string().min(1),
  databases: z.record(z.string().min(1), database),
});

/** @throws AssentError `sql_options_malformed` */
export function implementSql({
  exports: root,
  databases,
}: z.infer<typeof sqlSection>): readonly Implementation[] {
  const targets = Object.fromEntries(
    Object.entries(databases).map(([name, { preview, export: exporting, execute, personal_data }]) => [
      name,
      {
        previewUrl: preview,
        exportUrl: exporting,
        executeUrl: execute ?? null,
        personalData: personal_data,
      },
    ]),
  );
  return [implementSqlExport({ targets, root }), implementSqlExecute({ targets })];
}
