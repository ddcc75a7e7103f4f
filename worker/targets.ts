/**
 * targets.yaml: what the built-in actions may touch, with credentials that the executor alone holds.
 *
 * Every section is optional: an executor serves the actions whose sections are there, and no other.
 *
 *     sql:
 *       exports: /var/lib/assent/exports
 *       databases:
 *         crm:
 *           preview: postgres://assent_preview:…@crm/crm
 *           export: postgres://assent_export:…@crm/crm
 *           execute: postgres://assent_execute:…@crm/crm
 *           personal_data: [customers.name, customers.email]
 *     config:
 *       roots: { app: /etc/app }
 *     commands:
 *       restart-api:
 *         argv: [/usr/bin/systemctl, restart, '{service}']
 *         args: { service: { one_of: [api, web] } }
 *         timeout: 60s
 *     access:
 *       databases:
 *         crm: { url: postgres://assent_access:…@crm/crm, roles: [support_writer], logins: [alice] }
 */
import type { Implementation } from '../actions/implement.ts';
import { parseYaml, readConfiguration } from '../approval/yaml.ts';
import { mapping } from '../approval/yaml-fault.ts';
import { accessSection, implementAccess } from './targets/access.ts';
import { commandsSection, implementCommands } from './targets/command.ts';
import { configSection, implementConfig } from './targets/config.ts';
import { httpSection, implementHttp } from './targets/http.ts';
import { implementSql, sqlSection } from './targets/sql.ts';

const sections = {
  sql: sqlSection.optional(),
  http: httpSection.optional(),
  config: configSection.optional(),
  commands: commandsSection.optional(),
  access: accessSection.optional(),
};
const schema = mapping(sections).refine((value) => Object.keys(value).length > 0, {
  error: `is empty; write at least one section of ${Object.keys(sections).join(', ')}`,
});

/** @throws AssentError `file_unreadable`, `targets_invalid`, and what a section's action refuses */
export async function readTargets(
  file: string,
  environment = process.env,
): Promise<readonly Implementation[]> {
  const { value } = parseYaml(await readConfiguration(file), { file, code: 'targets_invalid', schema });
  return [
    ...(value.sql === undefined ? [] : implementSql(value.sql)),
    ...(value.http === undefined ? [] : await implementHttp(value.http, environment)),
    ...(value.config === undefined ? [] : implementConfig(value.config)),
    ...(value.commands === undefined ? [] : implementCommands(value.commands)),
    ...(value.access === undefined ? [] : implementAccess(value.access)),
  ];
}
