/** Exit codes and errors of the command line, without any part that it could reach. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generateSigningKey, readSigningKey } from '../../approval/keys.ts';
import { readInput } from '../../cli/read-input.ts';
import { say, widthOf } from './terminal.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string) => join(directory, name);

describe('help', () => {
  const commands = [
    '',
    'request',
    'withdraw',
    'list',
    'show',
    'approve',
    'deny',
    'defer',
    'settle',
    'revoke',
    'break-glass',
    'review',
    'freeze',
    'unfreeze',
    'freezes',
    'delegate',
    'delegations',
    'policy',
    'policy check',
    'key',
    'key new',
  ];
  test.for(commands)('of assent %s fits 80 columns', async (command) => {
    const words = command.split(' ').filter((word) => word !== '');
    const { exit, output, aside } = await say([...words, '--help']);
    expect({ exit, aside }).toEqual({ exit: 0, aside: '' });
    expect(output).toContain(`USAGE ${['assent', ...words].join(' ')}`);
    expect(widthOf(output)).toBeLessThanOrEqual(80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for.
    expect(output).not.toMatch(/\u001b| $/m);
  });

  test('of the whole lists every command and the exit codes', async () => {
    const { output } = await say(['-h']);
    for (const name of ['request', 'withdraw', 'list', 'show', 'policy', 'key', 'Exit codes']) {
      expect(output).toContain(name);
    }
  });
});

describe('wrong use is 2, with the place where it is told how', () => {
  const id = 'a'.repeat(64);
  test.for<[string, readonly string[], string]>([
    ['no command', [], 'Say what to do: request,'],
    ['an unknown command', ['approve-all'], 'There is no command "approve-all"; there are: request,'],
    ['a name that every object has', ['constructor'], 'There is no command "constructor"'],
    ['half a command', ['policy'], 'Say what to do: check'],
    ['a misspelt option', ['withdraw', id, '--raeson', 'x'], "Unknown option '--raeson'"],
    ['an option of another command', ['list', '--reason', 'x'], "Unknown option '--reason'"],
    ['an option without its value', ['request', '--action', 'a', '--input', '-', '--key'], "'--key <value>'"],
    ['a missing option', ['request', '--action', 'a', '--input', '-'], 'Missing required argument: --key'],
    ['a missing id', ['show'], 'Missing required positional argument: ID'],
    ['a word too many', ['show', id, 'now'], 'What is "now" for?'],
    ['a state that is none', ['list', '--state', 'done'], '"done" is no state; there are: open,'],
    ['a limit that is none', ['list', '--limit', '0'], '--limit takes a number from 1 to 1000'],
    ['a limit too high', ['list', '--limit', '1001'], '--limit takes a number from 1 to 1000'],
  ])('%s', async ([, argv, words]) => {
    const { exit, output, aside } = await say(argv);
    expect({ exit, output }).toEqual({ exit: 2, output: '' });
    expect(aside).toContain(`assent: ${words.startsWith('There') ? words : ''}`);
    expect(aside).toContain(words);
    expect(aside).toMatch(/ \(usage\)\n$/);
  });

  test.for<[string, readonly string[], string]>([
    ['show', ['show', 'abc'], 'request_id_malformed'],
    ['show', ['show', '%61%61%61%61'], 'request_id_malformed'],
    ['withdraw', ['withdraw', 'abcd1234'], 'environment_incomplete'],
    ['list', ['list'], 'environment_incomplete'],
    ['policy check', ['policy', 'check'], 'environment_incomplete'],
    ['request', ['request', '--action', 'a', '--input', '-', '--key', 'k'], 'environment_incomplete'],
  ])('%s without what it needs', async ([, argv, code]) => {
    const { exit, aside } = await say(argv);
    expect(exit).toBe(2);
    expect(aside).toMatch(new RegExp(`^assent: .+ \\(${code}\\)\\n$`));
  });
});

test('with --json an error is one document on standard error', async () => {
  const { exit, output, aside } = await say(['list', '--json', '--state', 'done']);
  expect({ exit, output }).toEqual({ exit: 2, output: '' });
  expect(JSON.parse(aside)).toEqual({
    code: 'usage',
    message: expect.stringContaining('"done" is no state'),
  });
});

test('what nobody meant to say is shown, and stays one line', async () => {
  const { aside } = await say(['show', 'ab\u001b[2J\u202ecd\nassent: all is well']);
  expect(aside).toContain('⟦U+001B⟧[2J⟦U+202E⟧cd');
  const { aside: json } = await say(['show', '--json', 'ab\u001b[2J\u202e\u{e0041}']);
  expect(json).not.toMatch(/[^\P{C}\n]/u);
  expect(JSON.parse(json).message).toContain('ab\u001b[2J\u202e\u{e0041}');
});

describe('a part that is not there is 3', () => {
  // Port 9 is discard: nothing listens there.
  const nowhere = 'postgres://reader:secret@127.0.0.1:9/assent';

  test.for([['list'], ['show', 'abcdef']])('Postgres, for %s', async (argv) => {
    const { exit, output, aside } = await say([...argv, '--json'], { env: { DATABASE_URL: nowhere } });
    expect({ exit, output }).toEqual({ exit: 3, output: '' });
    const { code, message } = JSON.parse(aside);
    expect(code).toBe('database_unreachable');
    expect(message).toContain('127.0.0.1:9/assent');
    expect(aside).not.toContain('secret');
  });
});

describe('request, before it asks anybody', () => {
  const keyFile = at('agent.pem');
  const { pem } = generateSigningKey('reporter');
  writeFileSync(keyFile, pem, { mode: 0o600 });
  const env = { ASSENT_AGENT: 'reporter', ASSENT_AGENT_KEY_FILE: keyFile, ASSENT_TRUST: at('none.yaml') };
  const ask = ['request', '--json', '--action', 'sql.export', '--key', 'k', '--input'];

  test.for<[string, string, string, string]>([
    ['no JSON', '{', 'json_malformed', 'standard input: '],
    ['a key that stands twice', '{"a":1,"a":2}', 'json_duplicate_key', 'standard input: '],
    ['no object', '[1]', 'input_malformed', 'standard input: '],
    ['256 KiB and a byte', `{"a":"${'x'.repeat(256 * 1024)}"}`, 'json_too_large', 'standard input: '],
    ['too deep', `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, 'json_too_deep', 'standard input: '],
    ['what a double cannot hold', '{"a":9007199254740993}', 'json_malformed', 'standard input: '],
  ])('input with %s', async ([, stdin, code, place]) => {
    const { exit, aside } = await say([...ask, '-'], { env, stdin });
    expect(exit).toBe(2);
    expect(JSON.parse(aside)).toMatchObject({ code, message: expect.stringContaining(place) });
  });

  test('input that never ends is read no further than anybody would take', async () => {
    let chunks = 0;
    const input = (async function* () {
      while (chunks < 1000) {
        chunks += 1;
        yield ' '.repeat(64 * 1024);
      }
    })();
    await expect(readInput('-', { input })).rejects.toMatchObject({ code: 'json_too_large' });
    expect(chunks).toBe(5);
  });

  test('an input file that is not there, is no file or no UTF-8', async () => {
    writeFileSync(at('latin1.json'), Buffer.from([0x7b, 0xe9, 0x7d]));
    for (const file of [at('missing.json'), directory, at('latin1.json')]) {
      const { exit, aside } = await say([...ask, file], { env });
      expect(exit).toBe(2);
      expect(JSON.parse(aside)).toMatchObject({
        code: 'file_unreadable',
        message: expect.stringContaining(file),
      });
    }
  });

  test('a trust.yaml that is not there', async () => {
    const { exit, aside } = await say([...ask, '-'], { env, stdin: '{}' });
    expect(exit).toBe(2);
    expect(JSON.parse(aside).code).toBe('file_unreadable');
  });
});

describe('key new', () => {
  test('writes a key that only its owner may read, and tells its verifier key', async () => {
    const { exit, output } = await say(['key', 'new', 'reporter', '--out', at('new.pem')]);
    expect(exit).toBe(0);
    expect(statSync(at('new.pem')).mode & 0o777).toBe(0o600);
    const { verifier } = await readSigningKey(at('new.pem'), 'reporter');
    expect(output.split('\n')[0]).toBe(verifier.text);
    expect(output).not.toContain('PRIVATE');
    const json = await say(['key', 'new', 'nightly', '--json', '--out', at('json.pem')]);
    const { verifier: nightly } = await readSigningKey(at('json.pem'), 'nightly');
    expect(JSON.parse(json.output)).toEqual({
      name: 'nightly',
      verifierKey: nightly.text,
      file: at('json.pem'),
    });
  });

  test('overwrites nothing', async () => {
    writeFileSync(at('stands'), 'precious');
    const { exit, aside } = await say(['key', 'new', 'reporter', '--out', at('stands')]);
    expect(exit).toBe(2);
    expect(aside).toContain('(file_exists)');
    expect(readFileSync(at('stands'), 'utf8')).toBe('precious');
  });

  test('refuses a name that no key can bear, and a folder that is not there', async () => {
    const named = await say(['key', 'new', 'a b', '--out', at('never.pem')]);
    expect(named).toMatchObject({ exit: 2, aside: expect.stringContaining('(key_name_malformed)') });
    const placed = await say(['key', 'new', 'a', '--out', at('no/such/folder.pem')]);
    expect(placed).toMatchObject({ exit: 2, aside: expect.stringContaining('(file_unwritable)') });
    expect(() => statSync(at('never.pem'))).toThrow('ENOENT');
  });
});
