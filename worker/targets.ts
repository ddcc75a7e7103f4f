/**
 * targets.yaml: what the built-in actions may touch, with credentials that the executor alone holds.
 *
 *     sql:
 *       exports: /var/lib/assent/exports
 *       databases:
 *         crm:
 *           preview: postgres://assent_preview:…@crm/crm
 *           export: postgres://assent_export:…@crm/crm
 *           personal_data: [customers.name, customers.email]
 */
import { z } from 'zod';
import type { Implementation } from '../actions/implement.ts';
import { implementSqlExport } from '../actions/sql/implementation.ts';
import { parseYaml, readConfiguration } from '../approval/yaml.ts';
import { mapping } from '../approval/yaml-fault.ts';

const postgres = z.url({ protocol: /^postgres(ql)?$/, error: 'must be an address, postgres://…' });
const database = mapping({ preview: postgres, export: postgres, personal_data: z.array(z.string().min(1)) });
const schema = mapping({
  sql: mapping({ exports: z.string().min(1), databases: z.record(z.string().min(1), database) }),
});

/** @throws AssentError `file_unreadable`, `targets_invalid` */
export async function readTargets(file: string): Promise<readonly Implementation[]> {
  const { value } = parseYaml(await readConfiguration(file), { file, code: 'targets_invalid', schema });
  const { exports: root, databases } = value.sql;
  const targets = Object.fromEntries(
    Object.entries(databases).map(([name, { preview, export: exporting, personal_data }]) => [
      name,
      { previewUrl: preview, exportUrl: exporting, personalData: personal_data },
    ]),
  );
  return [implementSqlExport({ targets, root })];
}
