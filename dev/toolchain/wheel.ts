/**
 * A pinned binary from its PyPI wheel: pip downloads it and refuses any byte that differs from the pinned
 * SHA-256; a wheel is a zip that holds the binary as `<package>-<version>.data/scripts/<name>`.
 *
 * pip, not a download of our own, because it knows the user's index, proxy and certificates.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tool } from './pins.ts';
import { run } from './run.ts';

const downloadTimeoutMs = 180_000;
const unpackTimeoutMs = 60_000;

/** Hash of the wheel for the machine this runs on, or undefined where PyPI has none. */
export function wheelHash(tool: Tool): string | undefined {
  return tool.wheels[`${process.platform}-${process.arch}`];
}

/** Downloads and unpacks the wheel below `directory`; returns the binary's path. Rejects on any other hash. */
export async function fetchWheel(
  tool: Tool,
  hash: string,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const requirements = join(directory, 'requirements.txt');
  await writeFile(requirements, `${tool.package}==${tool.version} --hash=sha256:${hash}\n`);
  const options = [
    '--no-deps',
    '--require-hashes',
    '--only-binary=:all:',
    '--no-cache-dir',
    '--retries=2',
    '--quiet',
  ];
  const download = ['-m', 'pip', '--disable-pip-version-check', 'download', ...options];
  await run('python3', [...download, '-d', directory, '-r', requirements], {
    env,
    timeoutMs: downloadTimeoutMs,
  });

  const unpack =
    'import glob,sys,zipfile\nzipfile.ZipFile(glob.glob(sys.argv[1]+"/*.whl")[0]).extractall(sys.argv[1])';
  await run('python3', ['-c', unpack, directory], { env, timeoutMs: unpackTimeoutMs });
  const folder = `${tool.package.replaceAll('-', '_')}-${tool.version}.data`;
  return join(directory, folder, 'scripts', tool.name);
}
