/**
 * trust.yaml: the deployment's audience and whose signatures count.
 *
 *     audience: acme-production
 *     keys:
 *       gateway: [gateway+5f2c1a07+AT…]
 *       executor: [executor+0b9d3e11+AQ…]
 */
import { z } from 'zod';
import { AssentError } from './error.ts';
import { parseVerifierKey, type VerifierKey } from './keys.ts';
import { parseYaml, readConfiguration, type YamlDocument } from './yaml.ts';
import { type Fault, mapping } from './yaml-fault.ts';

export interface Trust {
  readonly audience: string;
  /** Whoever may sign decisions, and requests of agents that the gateway authenticated. */
  readonly gateway: readonly VerifierKey[];
  /** Whoever may sign previews, starts and finishes. */
  readonly executor: readonly VerifierKey[];
}

/** A C2SP verifier key in a YAML file. */
export const verifierKeySchema = z.string().transform((text, context) => {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    context.addIssue({ code: 'custom', message: 'is no verifier key; write name+hex8+base64 on one line' });
    return z.NEVER;
  }
});

const keys = z.array(verifierKeySchema).min(1, 'is empty; name at least one key');
const schema = mapping({
  audience: z
    .string()
    .regex(/^[^\s\p{C}]{1,200}$/u, "must be the deployment's name: 1 to 200 characters with no blank"),
  keys: mapping({ gateway: keys, executor: keys }),
});

/** @throws AssentError `file_unreadable`, `trust_invalid` */
export async function readTrust(file: string): Promise<Trust> {
  return parseTrust(await readConfiguration(file), file);
}

/** @throws AssentError `trust_invalid` */
export function parseTrust(text: string, file: string): Trust {
  const document = parseYaml(text, { file, code: 'trust_invalid', schema });
  document.refuse(sharedKeys(document));
  const { audience, keys } = document.value;
  return { audience, gateway: keys.gateway, executor: keys.executor };
}

/** The same bits under another name are the same key: whoever holds it could speak in both roles. */
function sharedKeys(document: YamlDocument<z.output<typeof schema>>): readonly Fault[] {
  const first = new Map<string, Fault>();
  return (['gateway', 'executor'] as const).flatMap((role) =>
    document.value.keys[role].flatMap((key, index) => {
      const here = document.faultAt(['keys', role, index], '');
      const before = first.get(keyBits(key));
      if (before === undefined) {
        first.set(keyBits(key), here);
        return [];
      }
      return [
        { ...here, message: `is the key of line ${before.line}; each key stands once, in one role only` },
      ];
    }),
  );
}

/** The key itself, without the name that it goes by. */
export function keyBits(key: VerifierKey): string {
  return key.text.slice(key.keyid.length + 1);
}
