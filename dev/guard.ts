/**
 * The guard: a process that ends the stack's children when the stack's own process is gone, even by SIGKILL.
 *
 * It reads `+ <pid> <signal>` and `- <pid>` from a pipe that only the parent writes to. The end of that pipe
 * means that the parent is gone: every process group still listed gets its signal, and SIGKILL a little later.
 */
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

const graceMs = 3000;
const groups = new Map<number, string>();

for await (const line of createInterface({ input: process.stdin })) {
  const [operation, pid, signal] = line.split(' ');
  if (operation === '+') groups.set(Number(pid), signal ?? 'SIGTERM');
  else groups.delete(Number(pid));
}

for (const [pid, signal] of groups) send(pid, signal);
const deadline = Date.now() + graceMs;
while (groups.size > 0 && Date.now() < deadline) {
  await setTimeout(50);
  for (const pid of groups.keys()) if (!send(pid, 0)) groups.delete(pid);
}
for (const pid of groups.keys()) send(pid, 'SIGKILL');

function send(group: number, signal: string | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
