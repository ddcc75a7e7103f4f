/**
 * The section `access` of targets.yaml: which roles access.grant may lend to which logins.
 *
 *     access:
 *       databases:
 *         crm:
 *           url: postgres://assent_access:…@crm/crm
 *           roles: [support_writer]
 *           logins: [alice, app_*]
 */
import { z } from 'zod';
import { implementAccessGrant } from '../../actions/access/implementation.ts';
import type { Implementation } from '../../actions/implement.ts';
import { mapping } from '../../approval/yaml-fault.ts';

const names = z.array(z.string().min(1)).min(1);
const database = mapping({
  url: z.url({ protocol: /^postgres(ql)?$/, error: 'must be an address, postgres://…' }),
  roles: names,
  logins: names,
});

export const accessSection = mapping({ databases: z.record(z.string().min(1), database) });

export function implementAccess({ databases }: z.infer<typeof accessSection>): readonly Implementation[] {
  return [implementAccessGrant({ targets: databases })];
}
