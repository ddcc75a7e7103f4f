/** Which addresses are public, against the registries of special-purpose addresses (RFC 6890 and its heirs). */
import { describe, expect, it } from 'vitest';
import { checkAddresses, classOf } from '../../actions/http/address.ts';
import { AssentError } from '../../approval/error.ts';

const addresses = {
  public: ['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001:81b::200e'],
  private: [
    '127.0.0.1',
    '127.255.255.254',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '::1',
    'fc00::1',
    'fd12:3456::1',
  ],
  never: [
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::127.0.0.1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'fd00:ec2::254',
    'fd00:0ec2:0:0:0:0:0:254',
    'ff02::1',
    '',
    'localhost',
    '1.1.1.1 ',
  ],
} as const;

describe.each(Object.entries(addresses))('%s', (expected, list) => {
  it.each(list)('%s', (address) => {
    expect(classOf(address)).toBe(expected);
  });
});

function refusal(list: readonly string[], admitPrivate: boolean): string {
  try {
    checkAddresses('api.example.com', list, admitPrivate);
    return 'admitted';
  } catch (error) {
    if (error instanceof AssentError) return error.code;
    throw error;
  }
}

it('refuses a name for one of its addresses, however many others are sound', () => {
  expect(refusal(['1.1.1.1', '10.0.0.1'], false)).toBe('address_refused');
  expect(refusal(['10.0.0.1', '1.1.1.1'], false)).toBe('address_refused');
  expect(refusal(['10.0.0.1', '169.254.169.254'], true)).toBe('address_refused');
  expect(refusal(['1.1.1.1', '2606:4700::1111'], false)).toBe('admitted');
});

it('reaches private addresses where they are meant, and says so', () => {
  expect(checkAddresses('a.internal', ['10.0.0.1', '1.1.1.1'], true).reach).toBe('private');
  expect(checkAddresses('a.internal', ['1.1.1.1'], true).reach).toBe('public');
});

it('refuses a name without an address', () => {
  expect(refusal([], true)).toBe('target_unreachable');
});
