import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generateSigningKey, signingKey } from '../../approval/keys.ts';
import { parseTrust, readTrust } from '../../approval/trust.ts';

const gateway = generateSigningKey('gateway');
const executor = generateSigningKey('executor');
const G = gateway.signing.verifier.text;
const E = executor.signing.verifier.text;
const TRUST = `audience: acme-production
keys:
  gateway: [${G}]
  executor:
    - ${E}
`;

it('reads audience and keys', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assent-trust-'));
  try {
    await writeFile(join(folder, 'trust.yaml'), TRUST);
    const trust = await readTrust(join(folder, 'trust.yaml'));
    expect(trust.audience).toBe('acme-production');
    expect(trust.gateway.map(({ keyid }) => keyid)).toEqual([gateway.signing.keyid]);
    expect(trust.executor.map(({ keyid }) => keyid)).toEqual([executor.signing.keyid]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const otherName = signingKey(gateway.pem, 'executor', 'pem').verifier.text;
const shared = 'each key stands once, in one role only';

it.each([
  ['audience-missing', TRUST.replace('audience: acme-production\n', ''), '1:1: audience: is missing; add it'],
  [
    'audience-blank',
    TRUST.replace('acme-production', '"acme production"'),
    "1:11: audience: must be the deployment's name: 1 to 200 characters with no blank",
  ],
  ['audience-number', TRUST.replace('acme-production', '7'), '1:11: audience: is a number; write text'],
  [
    'unknown-role',
    TRUST.replace('  executor:', '  signer: []\n  executor:'),
    '4:3: keys.signer: unknown key; known here: gateway, executor',
  ],
  ['role-missing', TRUST.replace(/ {2}executor:\n.*\n/u, ''), '2:1: keys.executor: is missing; add it'],
  ['role-empty', TRUST.replace(`[${G}]`, '[]'), '3:12: keys.gateway: is empty; name at least one key'],
  [
    'key-altered',
    TRUST.replace(G, `x${G}`),
    '3:13: keys.gateway[0]: is no verifier key; write name+hex8+base64 on one line',
  ],
  [
    'key-private',
    TRUST.replace(E, 'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t'),
    '5:7: keys.executor[0]: is no verifier key; write name+hex8+base64 on one line',
  ],
  [
    'key-twice',
    TRUST.replace(`[${G}]`, `[${G}, ${G}]`),
    `3:${15 + G.length}: keys.gateway[1]: is the key of line 3; ${shared}`,
  ],
  ['key-in-both-roles', TRUST.replace(E, G), `5:7: keys.executor[0]: is the key of line 3; ${shared}`],
  [
    'key-in-both-roles-under-two-names',
    TRUST.replace(E, otherName),
    `5:7: keys.executor[0]: is the key of line 3; ${shared}`,
  ],
])('refuses %s', (_, text, fault) => {
  expect(() => parseTrust(text, 'trust.yaml')).toThrow(
    expect.objectContaining({ code: 'trust_invalid', message: `trust.yaml:${fault}` }),
  );
});
