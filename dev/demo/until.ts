/** Waits for what a part comes to show. */
import { setTimeout } from 'node:timers/promises';

/** The machine may have much else to do. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 100;

/** What `look` gives as soon as it gives something; undefined where patience ends first. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() >= deadline) return found;
    await setTimeout(PAUSE_MS);
  }
}
