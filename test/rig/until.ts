/** The one place where tests ask again: what a part has no event for, such as a row in the book. */
import { setTimeout } from 'node:timers/promises';

/** Asks until there is something. @throws Error that names what was awaited, after `timeoutMs` */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${timeoutMs / 1000} s passed, and still not: ${what}`);
    await setTimeout(50);
  }
}
