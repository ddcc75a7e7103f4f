/** Looks at what is about to be started: a file that only its owner can change, and that needs no shell. */
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { AssentError } from '../../approval/error.ts';
import type { ListedCommand } from './listed.ts';

/** @throws AssentError `command_refused` */
export async function checkExecutable(
  name: string,
  { argv: [path = ''], cwd }: ListedCommand,
): Promise<void> {
  const refuse = (words: string) =>
    new AssentError('command_refused', `The command ${name} is refused: ${words}.`);
  const there = async (place: string) =>
    stat(place).catch(() => {
      throw refuse(`${place} is not there; install it or mend the list`);
    });
  const found = await there(path);
  if (!found.isFile()) throw refuse(`${path} is no file; name one`);
  if ((found.mode & 0o022) !== 0) throw refuse(`others can write to ${path}; chmod go-w`);
  await access(path, constants.X_OK).catch(() => {
    throw refuse(`the executor may not execute ${path}; check its permissions`);
  });
  if (!PROGRAMS.has(await magic(path))) {
    throw refuse(
      `${path} is neither a program nor a script with #! at its head, and would be given to a shell`,
    );
  }
  if (cwd !== null && !(await there(cwd)).isDirectory()) throw refuse(`${cwd} is no directory; name one`);
}

/** `#!`, or the first four bytes of ELF and of Mach-O: execvp hands whatever else it is given to /bin/sh. */
const PROGRAMS: ReadonlySet<string> = new Set(['2321', '7f454c46', 'cffaedfe', 'cafebabe']);

async function magic(path: string): Promise<string> {
  // One that may be executed and not read is a program: the kernel reads scripts as their user.
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return null;
    throw error;
  });
  if (handle === null) return '7f454c46';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const head = buffer.subarray(0, bytesRead).toString('hex');
    return head.startsWith('2321') ? '2321' : head;
  } finally {
    await handle.close();
  }
}
