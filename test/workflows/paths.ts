/** Every way that a request can go, played on a stage; the committed histories have one file for each. */
import { Context } from '@temporalio/activity';
import type { Verified } from '../../approval/types.ts';
import type { AgentActionResult } from '../../workflows/messages.ts';
import {
  aBrokenGlass,
  aDecision,
  aDigest,
  aPreview,
  aRequest,
  aRevocation,
  aSettlement,
  aWithdrawal,
  otherGateway,
} from '../book/statements.ts';
import {
  aHeldExecution,
  allowed,
  aNotice,
  anExecution,
  aRefusedExecution,
  aRelease,
  aRequirement,
  aRuling,
  aShownPreview,
  escalation,
  part,
  type Script,
} from './script.ts';
import type { Played, Stage } from './stage.ts';

export interface Path {
  /** The name of its history. */
  readonly name: string;
  /** How it ends: the result's resolution, outcome and code; or that the workflow has no result. */
  readonly ends: Pick<AgentActionResult, 'resolution' | 'outcome' | 'code'> | 'cancelled' | 'terminated';
  /** Resolves when nothing more has to be said to it. */
  play(stage: Stage): Promise<Played>;
}

const notExecuted = (resolution: AgentActionResult['resolution'], code: string) =>
  ({ resolution, outcome: 'not_executed', code }) as const;
const succeeded = { resolution: 'approved', outcome: 'succeeded', code: 'succeeded' } as const;

/** Short enough to be played in real time. */
const brief = aRequirement({
  timeout_seconds: 12,
  escalations: [escalation(4, ['carla'])],
  remind_after_seconds: 8,
});

async function approve(played: Played): Promise<Played> {
  await played.pending();
  await played.decide((await played.decision()).envelope);
  return played;
}

/** It ran, and is in force for so long. */
function leased(request: Verified<'request'>, milliseconds: number): Partial<Script> {
  return {
    execute: async () => {
      const begun = Context.current().info.currentAttemptScheduledTimestampMs;
      return anExecution(request, { until: new Date(begun + milliseconds).toISOString() });
    },
  };
}

export const paths: readonly Path[] = [
  { name: 'allowed', ends: succeeded, play: (stage) => stage.play(allowed) },
  {
    name: 'denied-by-policy',
    ends: notExecuted('denied', 'denied_by_rule'),
    play: (stage) =>
      stage.play((request) => ({
        evaluatePolicy: async () =>
          aRuling(request, { effect: 'deny', code: 'denied_by_rule', requirement: null }),
      })),
  },
  { name: 'approved', ends: succeeded, play: async (stage) => approve(await stage.play()) },
  {
    name: 'approved-by-two',
    ends: succeeded,
    play: async (stage) => {
      const played = await stage.play((request) => ({
        evaluatePolicy: async () =>
          aRuling(request, { requirement: aRequirement({ approvals: [part(2, ['ana', 'ben'])] }) }),
      }));
      await approve(played);
      await played.decide((await played.decision({ person: 'ben' })).envelope);
      return played;
    },
  },
  {
    // Zoe may decide by what was read since people were asked.
    name: 'approved-as-read-anew',
    ends: succeeded,
    play: async (stage) => {
      let approved = false;
      const played = await stage.play((request) => ({
        notify: async () => aNotice(request, { state: approved ? 'approved' : 'pending' }),
      }));
      await played.pending();
      approved = true;
      await played.decide((await played.decision({ person: 'zoe' })).envelope);
      return played;
    },
  },
  {
    name: 'denied',
    ends: notExecuted('denied', 'denied'),
    play: async (stage) => {
      const played = await stage.play();
      await played.pending();
      const denial = await played.decision({ verdict: 'deny', reason: 'Not on a Friday.' });
      await played.decide(denial.envelope);
      return played;
    },
  },
  {
    name: 'expired-after-escalation',
    ends: notExecuted('expired', 'expired'),
    play: (stage) =>
      stage.play((request) => ({ evaluatePolicy: async () => aRuling(request, { requirement: brief }) })),
  },
  {
    name: 'withdrawn',
    ends: notExecuted('withdrawn', 'withdrawn'),
    play: async (stage) => {
      const played = await stage.play();
      await played.pending();
      await played.withdraw(aWithdrawal(played.request).envelope);
      return played;
    },
  },
  {
    name: 'undeliverable',
    ends: notExecuted('undeliverable', 'channel_not_found'),
    play: (stage) =>
      stage.play((request) => ({
        notify: async () => aNotice(request, { delivered: false, code: 'channel_not_found' }),
      })),
  },
  {
    name: 'preview-refused',
    ends: notExecuted('undeliverable', 'sql_no_such_table'),
    play: (stage) =>
      stage.play(() => ({
        preview: async () => ({
          ok: false,
          step: 'preview',
          code: 'sql_no_such_table',
          reason: 'There is no table customers.',
          until: null,
        }),
      })),
  },
  {
    name: 'flooded',
    ends: notExecuted('flooded', 'flooded'),
    play: async (stage) => {
      const played = await stage.play();
      await played.pending();
      const junk = Array.from({ length: 150 }, (_, index) => played.handle.signal('junk', index));
      // The workflow may close before the last of them has arrived.
      await Promise.allSettled(junk);
      return played;
    },
  },
  {
    name: 'attacked',
    ends: succeeded,
    play: async (stage) => {
      const played = await stage.play();
      await played.pending();
      await played.decide(aDecision(played.request, {}, otherGateway).envelope);
      await played.decide({ verdict: 'approve', person: 'the chief financial officer' });
      await played.decide(aDecision(aRequest()).envelope);
      await played.handle.signal('approve-everything', 'please');
      const ineligible = {
        eligible: false,
        code: 'requester',
        denials: 1,
        directory_digest: aDecision(played.request).digest,
      };
      await played.decide((await played.decision({ person: 'olga', standing: ineligible })).envelope);
      await played.withdraw('I take it back');
      return approve(played);
    },
  },
  {
    name: 'unknown-settled',
    ends: { resolution: 'approved', outcome: 'unknown', code: 'executor_silent' },
    play: async (stage) => {
      const played = await approve(
        await stage.play((request) => ({
          evaluatePolicy: async () => aRuling(request, { max_seconds: 1 }),
          // Not a heartbeat, not a word, until the worker goes.
          execute: () => Context.current().cancelled,
          notify: async () => aNotice(request, { state: 'unknown' }),
        })),
      );
      await played.reaches('unknown');
      await played.instruct(aSettlement(played.request).envelope);
      return played;
    },
  },
  {
    name: 'unknown-told-late',
    ends: { resolution: 'approved', outcome: 'unknown', code: 'outcome_unknown' },
    play: async (stage) => {
      // The executor's Finish came after all: the book has it, which a junk signal makes the workflow ask.
      const played = await stage.play((request) => ({
        ...allowed(request),
        execute: async () =>
          anExecution(request, {
            outcome: 'unknown',
            code: 'outcome_unknown',
            result: null,
            finish: null,
            finish_digest: null,
          }),
        notify: async () => aNotice(request, { state: 'succeeded' }),
      }));
      await played.reaches('unknown');
      await played.handle.signal('junk', 1);
      return played;
    },
  },
  {
    name: 'frozen-then-released',
    ends: succeeded,
    play: async (stage) => {
      let tries = 0;
      const played = await approve(
        await stage.play((request) => ({
          execute: async () => {
            tries += 1;
            return tries === 1 ? aHeldExecution(request, 'frozen', null) : anExecution(request);
          },
        })),
      );
      await played.reaches('held');
      await played.instruct(aBrokenGlass(played.request).envelope);
      return played;
    },
  },
  {
    name: 'held-until-a-window',
    ends: succeeded,
    play: async (stage) => {
      let tries = 0;
      return approve(
        await stage.play((request) => ({
          execute: async () => {
            tries += 1;
            const until = new Date(Context.current().info.currentAttemptScheduledTimestampMs + 2000);
            return tries === 1
              ? aHeldExecution(request, 'outside_window', until.toISOString())
              : anExecution(request);
          },
        })),
      );
    },
  },
  {
    name: 'burst-held-before-it-is-shown',
    ends: succeeded,
    play: async (stage) => {
      let looks = 0;
      return approve(
        await stage.play((request) => ({
          preview: async () => {
            looks += 1;
            if (looks > 1) return aShownPreview(request);
            const until = new Date(Context.current().info.currentAttemptScheduledTimestampMs + 2000);
            const told = { step: 'preview', code: 'limit_reached', reason: 'It waits its turn.' };
            return { ok: false, ...told, until: until.toISOString() };
          },
        })),
      );
    },
  },
  {
    name: 'drifted-and-asked-anew',
    ends: succeeded,
    play: async (stage) => {
      let tries = 0;
      const asked = Promise.withResolvers<void>();
      const drifted = aDigest();
      const played = await approve(
        await stage.play((request) => ({
          execute: async () => {
            tries += 1;
            const previewed_at = new Date(Context.current().info.currentAttemptScheduledTimestampMs);
            return tries === 1
              ? aRefusedExecution(request, {
                  step: 'input',
                  code: 'drifted',
                  again: { how: 'ask', preview_digest: drifted, previewed_at: previewed_at.toISOString() },
                })
              : anExecution(request);
          },
          notify: async () => {
            if (tries === 1) asked.resolve();
            return aNotice(request);
          },
        })),
      );
      await asked.promise;
      await played.decide((await played.decision({ preview_digest: drifted, person: 'ben' })).envelope);
      return played;
    },
  },
  {
    name: 'lapsed-and-asked-anew',
    ends: notExecuted('denied', 'denied_by_rule'),
    play: async (stage) => {
      // Ana has left the group meanwhile; asked again, policy denies.
      let judged = 0;
      return approve(
        await stage.play((request) => ({
          evaluatePolicy: async () => {
            judged += 1;
            if (judged === 1) return aRuling(request);
            return aRuling(request, {
              effect: 'deny',
              code: 'denied_by_rule',
              requirement: null,
              release: null,
            });
          },
          execute: async () => {
            const { digest, statement } = aPreview(request);
            const again = {
              how: 'ask',
              preview_digest: digest,
              previewed_at: statement.previewed_at,
            } as const;
            return aRefusedExecution(request, { step: 'eligibility', code: 'approvers_not_eligible', again });
          },
        })),
      );
    },
  },
  {
    name: 'policy-read-sooner-by-the-gateway',
    ends: notExecuted('denied', 'denied_by_rule'),
    play: (stage) => {
      let judged = 0;
      return stage.play((request) => ({
        evaluatePolicy: async () => {
          judged += 1;
          if (judged === 1) return aRuling(request);
          return aRuling(request, {
            effect: 'deny',
            code: 'denied_by_rule',
            requirement: null,
            release: null,
          });
        },
        notify: async () => aNotice(request, { delivered: judged > 1, code: 'nobody_asked' }),
      }));
    },
  },
  {
    name: 'allowed-by-its-preview',
    ends: succeeded,
    play: (stage) =>
      stage.play((request) => ({
        evaluatePolicy: async ({ previewed }) =>
          previewed
            ? aRuling(request, { effect: 'allow', code: 'allowed', requirement: null })
            : aRuling(request, {
                effect: 'deny',
                code: 'preview_needed',
                needs_preview: true,
                requirement: null,
                release: null,
              }),
      })),
  },
  {
    name: 'released-by-one-alone',
    ends: succeeded,
    play: async (stage) => {
      const played = await stage.play();
      await played.pending();
      await played.instruct(aBrokenGlass(played.request).envelope);
      return played;
    },
  },
  {
    name: 'ended-in-time',
    ends: succeeded,
    play: async (stage) => approve(await stage.play((request) => leased(request, 2000))),
  },
  {
    name: 'revoked-early',
    ends: succeeded,
    play: async (stage) => {
      const played = await approve(await stage.play((request) => leased(request, 3_600_000)));
      await played.reaches('active');
      await played.instruct(aRevocation(played.request).envelope);
      return played;
    },
  },
  {
    name: 'executor-absent',
    ends: notExecuted('approved', 'executor_absent'),
    play: async (stage) => {
      // The preview is made where somebody is; then its executor is gone.
      const release = aRelease({ grant_ttl_seconds: 1 });
      const needsPreview = { effect: 'deny', needs_preview: true, requirement: null, release: null } as const;
      return approve(
        await stage.play((request) => ({
          evaluatePolicy: async ({ previewed }) =>
            aRuling(request, previewed ? { release, task_queue: 'nobody' } : needsPreview),
        })),
      );
    },
  },
  {
    name: 'refused-by-grant',
    ends: notExecuted('approved', 'requirement_not_met'),
    play: async (stage) =>
      approve(await stage.play((request) => ({ execute: async () => aRefusedExecution(request) }))),
  },
  {
    name: 'denied-at-release',
    ends: notExecuted('denied', 'denied_by_rule'),
    play: async (stage) => {
      const refused = { step: 'policy', code: 'denied_by_rule' } as const;
      return approve(
        await stage.play((request) => ({ execute: async () => aRefusedExecution(request, refused) })),
      );
    },
  },
  {
    name: 'cancelled',
    ends: 'cancelled',
    play: async (stage) => {
      const played = await stage.play();
      await played.pending();
      await played.handle.cancel();
      return played;
    },
  },
  {
    name: 'terminated',
    ends: 'terminated',
    play: async (stage) => {
      const played = await stage.play();
      await played.pending();
      await played.handle.terminate('An operator was in a hurry.');
      return played;
    },
  },
];

/** Waits until the workflow has ended, well or not. */
export async function ended({ handle }: Played): Promise<AgentActionResult | Error> {
  try {
    return await handle.result();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
