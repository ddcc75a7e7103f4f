/**
 * The workflow `agentAction`: policy, preview, card, decision, execution, record, and what follows.
 *
 * It only puts things in order. What it believes decides nothing: the executor verifies everything again.
 */
import { CancellationScope, isCancellation, setWorkflowOptions, sleep } from '@temporalio/workflow';
import type { DatedDecision } from '../approval/timeline.ts';
import type { Requirement } from '../approval/types.ts';
import { type Answer, askPeople, type Round } from './ask.ts';
import type { Ending } from './ending.ts';
import { ended, settled } from './follow.ts';
import type { Hearing } from './hear.ts';
import { openInbox } from './inbox.ts';
import type { AgentActionInput, AgentActionResult, Executed, Previewed, Ruling } from './messages.ts';
import { perform } from './perform.ts';
import { openProgress } from './progress.ts';
import { evaluatePolicy, notifyBriefly, recordHistory } from './proxies.ts';
import { show } from './show.ts';

setWorkflowOptions({ failureExceptionTypes: [Error] }, agentAction);

/** The gateway's word that policy, as it has read it, asks nobody: it may have read it sooner than the worker. */
const NOBODY_ASKED = 'nobody_asked';
/** Where orchestration and the executor go on disagreeing, the executor is right, and this is no use. */
const MOST_ROUNDS = 20;
/** What was approved here and refused there is not tried again at once: a policy may be read later here. */
const DISPUTE_MS = 5000;

export async function agentAction({ request }: AgentActionInput): Promise<AgentActionResult> {
  const inbox = openInbox();
  const progress = openProgress();
  let ruling = await evaluatePolicy({ request, previewed: false });
  let preview: Round['preview'] | null = null;
  let decided: readonly DatedDecision[] = [];
  let carded = false;
  let resumed = false;
  const question = (): Hearing => ({
    request,
    inbox,
    preview_digest: preview?.preview_digest ?? null,
    rule_digest: ruling.rule_digest,
  });

  // What has come of a request is told, even where somebody cancels it now.
  const tell = (ending: Ending): Promise<AgentActionResult> =>
    CancellationScope.nonCancellable(async () => {
      const result = resultOf(ruling, ending);
      progress.closes(ruling, ending, result);
      if (carded) await repaint(request, ending.closing);
      await recordHistory().catch(unrecorded);
      await progress.handled();
      return result;
    });

  try {
    if (ruling.effect !== 'allow') {
      if (ruling.effect === 'deny' && !ruling.needs_preview) return await tell(refused(ruling));
      const shown = await show(request, ruling, inbox, progress);
      if (shown.ok !== true) return await tell(unshown(shown));
      preview = shown;
      if (ruling.needs_preview) ruling = await evaluatePolicy({ request, previewed: true });
    }
    for (let rounds = 1; ; rounds++) {
      if (ruling.effect === 'deny') return await tell(refused(ruling));
      if (asks(ruling)) {
        if (preview === null) return await tell(refused(ruling));
        progress.enters('delivering');
        carded = true;
        const asked = await askPeople({ request, ruling, preview, decided, resumed }, inbox, progress);
        decided = asked.decided;
        if (asked.answer.code === NOBODY_ASKED && rounds < MOST_ROUNDS) {
          await sleep(DISPUTE_MS, { summary: 'policy has changed: it is read again after this' });
          ruling = await evaluatePolicy({ request, previewed: true });
          continue;
        }
        if (asked.answer.resolution !== 'approved') return await tell(unexecuted(asked.answer));
        progress.resolves('approved');
      }
      const ending = await perform({ ...question(), ruling }, inbox, progress);
      const again = ending.executed?.again;
      if (again?.how !== 'ask' || rounds === MOST_ROUNDS) {
        const result = await tell(ending);
        return await following(question(), ruling, ending, result);
      }
      // The executor found that what was approved stands no more.
      resumed = again.preview_digest === preview?.preview_digest;
      if (resumed) {
        await sleep(DISPUTE_MS, { summary: 'what was approved stands no more: asked anew after this' });
      }
      const before = { preview, ruling };
      preview = again;
      ruling = await evaluatePolicy({ request, previewed: true });
      decided = bindingStill(decided, before, { preview, ruling });
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(async () => {
      progress.cancelled();
      if (carded) await repaint(request, 'cancelled');
      await recordHistory().catch(unrecorded);
    });
    throw error;
  }

  /** The answer is known; the workflow stays open for what still has to come of it. */
  async function following(
    hearing: Hearing,
    by: Ruling,
    ending: Ending,
    result: AgentActionResult,
  ): Promise<AgentActionResult> {
    if (ending.outcome === 'unknown') {
      const settlement = await settled(hearing);
      return tell({ ...ending, settlement });
    }
    if (ending.outcome === 'succeeded' && result.until !== null) {
      await ended(hearing, by, result.until);
      return tell({ ...ending, over: true });
    }
    return result;
  }
}

function asks(ruling: Ruling): ruling is Ruling & { readonly requirement: Requirement } {
  return ruling.requirement !== null;
}

interface Bound {
  readonly preview: Round['preview'] | null;
  readonly ruling: Ruling;
}

/** A denial is of the request; an approval is of one preview and one rule. */
function bindingStill(
  decided: readonly DatedDecision[],
  before: Bound,
  now: Bound,
): readonly DatedDecision[] {
  const same =
    before.preview?.preview_digest === now.preview?.preview_digest &&
    before.ruling.rule_digest === now.ruling.rule_digest;
  return same ? decided : decided.filter(({ verdict }) => verdict === 'deny');
}

/** The agent does not wait long for the last paint: the gateway tends its cards from the book by itself. */
async function repaint(request: AgentActionInput['request'], closing: Ending['closing']): Promise<void> {
  await notifyBriefly({ request, statements: [], closing }).catch(() => null);
}

/** A workflow that can't be recorded now still ends: its history keeps everything, and is recorded later. */
function unrecorded(): { readonly appended: number } {
  return { appended: 0 };
}

const NOTHING = { outcome: 'not_executed', executed: null, closing: null } as const;

function refused({ code, explanation }: Pick<Ruling, 'code' | 'explanation'>): Ending {
  return { ...NOTHING, resolution: 'denied', code, reason: explanation.join(' '), closing: 'denied' };
}

type Unshown = Exclude<Awaited<ReturnType<typeof show>>, Extract<Previewed, { ok: true }>>;

function unshown(shown: Unshown): Ending {
  if (shown.ok === 'withdrawn') {
    return { ...NOTHING, resolution: 'withdrawn', code: 'withdrawn', reason: shown.reason };
  }
  if (shown.ok === 'flooded') {
    return { ...NOTHING, resolution: 'flooded', code: 'flooded', reason: null };
  }
  const { step, code, reason } = shown;
  return { ...NOTHING, resolution: step === 'preview' ? 'undeliverable' : 'denied', code, reason };
}

function unexecuted({ resolution, code, reason }: Answer): Ending {
  const closing = resolution === 'flooded' || resolution === 'undeliverable' ? resolution : null;
  return { ...NOTHING, resolution, code, reason, closing };
}

function resultOf({ request_id }: Ruling, { executed, settlement, ...ending }: Ending): AgentActionResult {
  const { resolution, outcome, code, reason } = ending;
  return {
    request_id,
    resolution,
    outcome,
    code,
    reason,
    result: resultFrom(executed),
    start: executed?.start ?? null,
    finish: executed?.finish ?? null,
    until: executed?.until ?? null,
    settlement: settlement ?? null,
  };
}

function resultFrom(executed: Executed | null): AgentActionResult['result'] {
  return executed?.result ?? null;
}
