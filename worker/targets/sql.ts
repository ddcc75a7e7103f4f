/** The `sql` section of targets.yaml: the databases that sql.export may read. */
import { z } from 'zod';
import type { Implementation } from '../../actions/implement.ts';
import { implementSqlExport } from '../../actions/sql/implementation.ts';
import { mapping } from '../../approval/yaml-fault.ts';

const postgres = z.url({ protocol: /^postgres(ql)?$/, error: 'must be an address, postgres://…' });
const database = mapping({ preview: postgres, export: postgres, personal_data: z.array(z.string().min(1)) });

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
    Object.entries(databases).map(([name, { preview, export: exporting, personal_data }]) => [
      name,
      { previewUrl: preview, exportUrl: exporting, personalData: personal_data },
    ]),
  );
  return [implementSqlExport({ targets, root })];
}
