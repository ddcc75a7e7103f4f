/** The toolchain against a package index of its own: a folder with one small wheel, made here. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cachedBinary, cacheRoot, storeBinary } from '../../dev/toolchain/cache.ts';
import { findTool } from '../../dev/toolchain/find.ts';
import { type Tool, temporalCli, testServer } from '../../dev/toolchain/pins.ts';

const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/tiny_tool-1.0.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('tiny_tool-1.0.0.data/scripts/tiny-tool', '#!/bin/sh\\necho tiny 1.0.0\\n')
    wheel.writestr('tiny_tool-1.0.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny-tool\\nVersion: 1.0.0\\n')
    wheel.writestr('tiny_tool-1.0.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-any\\n')
    wheel.writestr('tiny_tool-1.0.0.dist-info/RECORD', '')
`;

let folder: string;
let env: NodeJS.ProcessEnv;
let tool: Tool;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-toolchain-'));
  const index = join(folder, 'index');
  mkdirSync(index);
  execFileSync('python3', ['-c', makeWheel, index]);
  const hash = createHash('sha256')
    .update(readFileSync(join(index, readdirSync(index)[0] ?? '')))
    .digest('hex');
  env = {
    ...process.env,
    XDG_CACHE_HOME: join(folder, 'cache'),
    PIP_CONFIG_FILE: '/dev/null',
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: index,
    // The SDK's download must not save the day here: it goes through this proxy, where nobody listens.
    HTTPS_PROXY: 'http://127.0.0.1:9',
  };
  tool = {
    name: 'tiny-tool',
    title: 'The tiny tool',
    package: 'tiny-tool',
    version: '1.0.0',
    wheels: { [`${process.platform}-${process.arch}`]: hash },
    sdk: 'createLocal',
    versionArguments: ['--version'],
  };
});

/** A new file on the cache's file system. */
function binary(name: string, content = name): string {
  mkdirSync(join(folder, 'made'), { recursive: true });
  const path = join(folder, 'made', name);
  writeFileSync(path, content);
  return path;
}

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a wheel with the pinned hash is fetched, then found in the cache, and fetched again if it was changed', async () => {
  const first = await findTool(tool, env);
  expect(first.source).toContain("fetched (PyPI's tiny-tool 1.0.0, hash-checked)");
  expect(first.path).toMatch(/cache\/assent\/tiny-tool\/1\.0\.0-[0-9a-f]{12}\/tiny-tool$/);
  expect(execFileSync(first.path, { encoding: 'utf8' })).toBe('tiny 1.0.0\n');

  const second = await findTool(tool, { ...env, PIP_FIND_LINKS: '/nowhere' });
  expect(second).toEqual({ path: first.path, source: expect.stringContaining('from the cache') });

  appendFileSync(first.path, 'echo changed\n');
  const third = await findTool(tool, env);
  expect(third.source).toContain('fetched');
  expect(execFileSync(third.path, { encoding: 'utf8' })).toBe('tiny 1.0.0\n');
  expect(readdirSync(join(folder, 'cache', 'assent'))).toEqual(['tiny-tool']);
});

test('a wheel with any other hash is refused, and the error says what to do', async () => {
  const forged = { ...tool, wheels: { [`${process.platform}-${process.arch}`]: 'ab'.repeat(32) } };
  await expect(findTool(forged, env)).rejects.toMatchObject({
    code: 'toolchain_unavailable',
    message: expect.stringMatching(/Put `tiny-tool` on PATH, or let python3's pip reach PyPI/),
    evidence: {
      failures: [expect.stringContaining('DO NOT MATCH THE HASHES'), expect.stringContaining('SDK')],
    },
  });
  expect(readdirSync(join(folder, 'cache', 'assent'))).toEqual([]);
});

test('what is on PATH is used before all else, and asked for its version', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'tiny-tool'), '#!/bin/sh\necho tiny 9.9.9\n');
  chmodSync(join(bin, 'tiny-tool'), 0o755);
  const found = await findTool(tool, { ...env, PATH: `${bin}:${env.PATH}` });
  expect(found).toEqual({
    path: join(bin, 'tiny-tool'),
    source: `${join(bin, 'tiny-tool')}, found on PATH (tiny 9.9.9)`,
  });
});

test('a broken one on PATH is passed over', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'tiny-tool'), '#!/bin/sh\nexit 3\n');
  chmodSync(join(bin, 'tiny-tool'), 0o755);
  const key = `1.0.0-${tool.wheels[`${process.platform}-${process.arch}`]?.slice(0, 12)}`;
  const path = await storeBinary(cacheRoot(env), 'tiny-tool', key, binary('cached'));
  const found = await findTool(tool, { ...env, PATH: `${bin}:${env.PATH}` });
  expect(found).toEqual({ path, source: expect.stringContaining('from the cache') });
});

test('a cached binary counts only with the hash beside it', async () => {
  const root = cacheRoot(env);
  const path = await storeBinary(root, 'tiny-tool', 'k', binary('whole'));
  expect(await cachedBinary(root, 'tiny-tool', 'k')).toBe(path);
  rmSync(`${path}.sha256`);
  expect(await cachedBinary(root, 'tiny-tool', 'k')).toBeUndefined();

  await storeBinary(root, 'tiny-tool', 'k', binary('whole'));
  expect(await cachedBinary(root, 'tiny-tool', 'k')).toBe(path);
  writeFileSync(path, 'whol');
  expect(await cachedBinary(root, 'tiny-tool', 'k')).toBeUndefined();
});

test('several that store at once, over a damaged entry too, leave one whole binary and nothing else', async () => {
  const root = cacheRoot(env);
  for (const round of ['first', 'second']) {
    const stored = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        storeBinary(root, 'tiny-tool', 'k', binary(`${round}${n}`, 'whole')),
      ),
    );
    expect(new Set(stored).size).toBe(1);
    const path = await cachedBinary(root, 'tiny-tool', 'k');
    expect(readFileSync(path ?? '', 'utf8')).toBe('whole');
    expect(readdirSync(root)).toEqual(['tiny-tool']);
    writeFileSync(path ?? '', 'damaged');
  }
});

test('every pin is a SHA-256, none is pinned twice', () => {
  const hashes = [temporalCli, testServer].flatMap(({ wheels }) => Object.values(wheels));
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(hashes).size).toBe(hashes.length);
});
