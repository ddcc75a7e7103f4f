/** The `config` section of targets.yaml: the directories below which config.set may change files. */
import { z } from 'zod';
import { implementConfigSet } from '../../actions/config/implementation.ts';
import type { Implementation } from '../../actions/implement.ts';
import { mapping } from '../../approval/yaml-fault.ts';

const root = z.string().regex(/^\/[^\0]*$/u, 'must be an absolute path, such as /etc/app');

export const configSection = mapping({
  roots: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'name it in lower case, such as app'), root),
});

export function implementConfig({ roots }: z.infer<typeof configSection>): readonly Implementation[] {
  return [implementConfigSet({ roots })];
}
