/** Showing: the executor looks at what would happen, read-only; a burst waits its turn. */
import { isCancellation } from '@temporalio/workflow';
import type { Envelope } from '../approval/types.ts';
import { hear } from './hear.ts';
import type { Inbox } from './inbox.ts';
import type { Previewed, Ruling } from './messages.ts';
import { wordsOf } from './perform.ts';
import type { Progress } from './progress.ts';
import { previewOn } from './proxies.ts';

/** Whoever waits longer than this for a turn does not get one. */
const LONGEST_HOLD_MS = 24 * 3600 * 1000;

type Shown =
  | Previewed
  | { readonly ok: 'withdrawn'; readonly reason: string | null }
  | { readonly ok: 'flooded' };

/** A preview that fails for good is an answer too: the request can't be shown to anybody. */
export async function show(
  request: Envelope,
  ruling: Ruling,
  inbox: Inbox,
  progress: Progress,
): Promise<Shown> {
  const latest = Date.now() + LONGEST_HOLD_MS;
  for (;;) {
    progress.enters('previewing');
    const preview = await look(request, ruling);
    if (preview.ok || preview.until === null || Date.parse(preview.until) > latest) return preview;
    progress.holds(preview.code, preview.until);
    await inbox.arrives(
      Math.max(1000, Date.parse(preview.until) - Date.now()),
      'held: its turn comes after this',
    );
    if (inbox.flooded()) return { ok: 'flooded' };
    const { rule_digest } = ruling;
    const { withdrawal } = await hear({ request, inbox, preview_digest: null, rule_digest });
    if (withdrawal !== null) return { ok: 'withdrawn', reason: withdrawal.reason };
  }
}

async function look(request: Envelope, ruling: Ruling): Promise<Previewed> {
  try {
    return await previewOn(ruling.task_queue, ruling.max_seconds)({ request });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { ok: false, step: 'preview', code: 'preview_failed', reason: wordsOf(error), until: null };
  }
}
