/** What command.run makes of a request's arguments, and what it tells of an output; nothing is started here. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { commandRun } from '../../actions/command/definition.ts';
import { implementCommandRun } from '../../actions/command/implementation.ts';
import { type Argument, argvOf, type ListedCommand, listedFault } from '../../actions/command/listed.ts';
import { listen, report } from '../../actions/command/output.ts';
import { matchesWhole } from '../../actions/command/pattern.ts';
import { digestOf } from '../../approval/digest.ts';
import type { JsonObject } from '../../approval/types.ts';

const open = (allowed: Argument['allowed'], leadingDash = false): Argument => ({ allowed, leadingDash });

const listed = (change: Partial<ListedCommand> = {}): ListedCommand => ({
  argv: ['/usr/bin/systemctl', 'restart', '{service}', '--reason={why}'],
  args: { service: open(['api', 'web', '--force']), why: open('[a-z {}]{0,20}') },
  cwd: null,
  env: {},
  timeoutSeconds: 60,
  outputLimit: 1024,
  output: 'keep',
  ...change,
});

const argv = (args: Record<string, string>, command = listed()) =>
  argvOf(command, { command: 'restart', args });

describe('an argv', () => {
  it('is filled in its places', () => {
    expect(argv({ service: 'api', why: 'slow again' })).toEqual([
      '/usr/bin/systemctl',
      'restart',
      'api',
      '--reason=slow again',
    ]);
  });

  it('is filled once: an argument is never read as a place, nor as a reference', () => {
    const both = listed({ args: { service: open('.*'), why: open('.*') } });
    expect(argv({ service: '{why}', why: "$& $1 $'" }, both).slice(2)).toEqual([
      '{why}',
      "--reason=$& $1 $'",
    ]);
  });

  it('keeps braces that name no place', () => {
    expect(argv({}, listed({ argv: ['/usr/bin/find', '.', '{}', '{A}'], args: {} })).slice(2)).toEqual([
      '{}',
      '{A}',
    ]);
  });

  const refused: readonly (readonly [string, Record<string, string>, Partial<ListedCommand>])[] = [
    ['a value that is not listed', { service: 'db', why: '' }, {}],
    ['a listed value, and more', { service: 'api\n', why: '' }, {}],
    ['a value that does not match', { service: 'api', why: 'UP' }, {}],
    ['a value of which only a part matches', { service: 'api', why: 'a\nB' }, {}],
    ['a value that matches up to its last line break', { service: 'api', why: 'a\n' }, {}],
    ['a missing argument', { service: 'api' }, {}],
    ['an argument that is inherited', { service: 'api', why: '', toString: '' }, {}],
    ['an argument that it does not take', { service: 'api', why: '', extra: '' }, {}],
    ['a listed value that begins with a hyphen', { service: '--force', why: '' }, {}],
    [
      'a match that begins with a hyphen',
      { service: '-x', why: '' },
      { args: { service: open('.*'), why: open('') } },
    ],
    ['an empty value where none is allowed', { service: '', why: '' }, {}],
    [
      'an alternative that is not anchored',
      { service: 'apix', why: '' },
      { args: { service: open('^api|web$'), why: open('') } },
    ],
  ];
  it.each(refused)('%s: refused', (_, args, change) => {
    expect(() => argv(args, listed(change))).toThrow(expect.objectContaining({ code: 'argument_refused' }));
  });

  it('lets an argument begin with a hyphen where the list says so', () => {
    const dashed = listed({ args: { service: open(['--force'], true), why: open('x*') } });
    expect(argv({ service: '--force', why: '' }, dashed)).toContain('--force');
  });
});

it('matches in linear time', () => {
  expect(matchesWhole('(a+)+', `${'a'.repeat(250)}!`)).toBe(false);
  expect(matchesWhole('(a*)*(a*)*(a*)*b', 'a'.repeat(256))).toBe(false);
});

const faults: readonly (readonly [string, Partial<ListedCommand>, string])[] = [
  ['a path that PATH would decide', { argv: ['systemctl'] }, 'argv: must begin with an absolute path'],
  ['a path that is open', { argv: ['/usr/bin/{service}', '{service}', '{why}'] }, 'argv: may leave open'],
  ['a place that is not described', { argv: ['/bin/true', '{other}'] }, 'args: must say what {other} may be'],
  ['an argument without a place', { argv: ['/bin/true', '{why}'] }, 'args: service stands nowhere'],
  [
    'a place of another name',
    { argv: ['/bin/true', '{constructor}'], args: {} },
    'args: must say what {constructor}',
  ],
  ['a pattern that is none', { args: { service: open('('), why: open('') } }, 'args: service: its pattern'],
  [
    'a pattern that closes its group',
    { args: { service: open('a)|(b'), why: open('') } },
    'service: its pattern',
  ],
  ['a pattern that RE2 has not', { args: { service: open('(?=a)'), why: open('') } }, 'service: its pattern'],
  ['NUL', { argv: ['/bin/true', 'a\0b'], args: {} }, 'hold no NUL'],
];
it.each(faults)('%s: no command is listed so', (_, change, message) => {
  expect(listedFault(listed())).toBeNull();
  expect(() => implementCommandRun({ commands: { restart: listed(change) } })).toThrow(
    expect.objectContaining({ code: 'command_options_malformed', message: expect.stringContaining(message) }),
  );
});

describe('an output', () => {
  const heard = async (chunks: readonly (string | Buffer)[], limit: number) => {
    const stream = new PassThrough();
    const listening = listen(stream, limit);
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    await listening.done;
    return listening.output();
  };

  it('is kept as it is', async () => {
    expect(report(await heard(['a', 'é'], 10), true)).toEqual({
      bytes: 3,
      sha256: digestOf('aé'),
      ended: true,
      kept: 3,
      cut: false,
      replaced: false,
      text: 'aé',
    });
  });

  it('is cut between characters, counted and digested to its end', async () => {
    const said = 'aé€😀b';
    for (let limit = 0; limit <= Buffer.byteLength(said); limit++) {
      const told = report(await heard([said.slice(0, 2), said.slice(2)], limit), true);
      const cut = limit < Buffer.byteLength(said);
      expect(told).toMatchObject({ bytes: 11, sha256: digestOf(said), cut, replaced: false });
      expect(said.startsWith(String(told.text))).toBe(true);
      expect(told.kept).toBe(Buffer.byteLength(String(told.text)));
    }
  });

  it('says where bytes were no UTF-8', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62]);
    expect(report(await heard([bytes], 10), true)).toMatchObject({
      sha256: digestOf(bytes),
      kept: 3,
      replaced: true,
      text: 'a\ufffdb',
    });
    // A character that the command itself, and not the limit, has left in half.
    expect(report(await heard([bytes.subarray(0, 1), Buffer.from([0xe2, 0x82])], 10), true)).toMatchObject({
      cut: false,
      replaced: true,
    });
  });

  it('fits into a result, whatever it holds', async () => {
    const told = report(await heard(['\u0001'.repeat(64 * 1024)], 64 * 1024), true);
    expect(JSON.stringify(told).length).toBeLessThan(100 * 1024);
    expect(told).toMatchObject({ bytes: 64 * 1024, kept: 8 * 1024, cut: true });
  });

  it('is a digest alone where it is not to be kept', async () => {
    expect(report(await heard(['hunter2'], 10), false)).toEqual({
      bytes: 7,
      sha256: digestOf('hunter2'),
      ended: true,
    });
  });
});

const inputs: readonly (readonly [string, JsonObject])[] = [
  ['a path', { command: '/bin/sh', args: {} }],
  ['words', { command: 'restart api', args: {} }],
  ['a list', { command: 'restart', args: ['api'] }],
  ['a number', { command: 'restart', args: { service: 1 } }],
  ['NUL', { command: 'restart', args: { service: 'api\0' } }],
  ['a huge argument', { command: 'restart', args: { service: 'x'.repeat(257) } }],
  [
    'many arguments',
    { command: 'restart', args: Object.fromEntries([...'abcdefghijklmnopq'].map((key) => [key, ''])) },
  ],
  ['an argument that no place can have', { command: 'restart', args: { Service: 'x' } }],
  ['an environment', { command: 'restart', args: {}, env: { PATH: '/tmp' } }],
];
it.each(inputs)('%s: refused before anything is looked at', (_, input) => {
  expect(() => commandRun.read(input)).toThrow(expect.objectContaining({ code: 'input_invalid' }));
});

it('takes no key that is inherited', () => {
  const input = { command: 'restart', args: JSON.parse('{"__proto__": "x"}') };
  expect(() => commandRun.read(input)).toThrow(expect.objectContaining({ code: 'canonical_json_refused' }));
});

it('tells policy and people the command and its arguments', () => {
  const input = { command: 'restart', args: { service: 'api' } };
  expect(commandRun.read(input)).toMatchObject({
    resource: input,
    title: 'Run the command restart',
    target: 'restart',
    description: [
      'Runs the command that the executor lists as restart, without a shell',
      'With service = "api"',
    ],
  });
});
