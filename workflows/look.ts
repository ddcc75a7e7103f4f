/** Looking: where a request stands by the book, asked of the gateway. */
import type { Envelope } from '../approval/types.ts';
import { notifyLooking } from './proxies.ts';

/** Null where the gateway does not answer. */
export async function stateByBook(request: Envelope): Promise<string | null> {
  const painted = await notifyLooking({ request, statements: [], closing: null }).catch(() => null);
  return painted?.state ?? null;
}
