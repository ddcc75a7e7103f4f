/** A directory for each run, so that two at once don't meet; `.assent/demo/latest` leads to the one begun last. */
import { mkdir, mkdtemp, rename, symlink } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

export async function makeRunDirectory(): Promise<string> {
  const home = resolve('.assent', 'demo');
  await mkdir(home, { recursive: true });
  const directory = await mkdtemp(`${home}/run-`);
  // Made beside and moved over: at no moment is there none.
  await symlink(basename(directory), `${directory}.link`);
  await rename(`${directory}.link`, `${home}/latest`);
  return directory;
}
