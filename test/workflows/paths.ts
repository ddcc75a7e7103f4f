/** Every way that a request can go, played on a stage; the committed histories have one file for each. */
import { Context } from '@temporalio/activity';
import type { AgentActionResult } from '../../workflows/messages.ts';
import { aDecision, aRequest, aWithdrawal, otherGateway } from '../book/statements.ts';
import { allowed, aNotice, aRefusedExecution, aRequirement, aRuling } from './script.ts';
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
  timeout_seconds: 6,
  stages: [
    { after_seconds: 0, from: ['data'], people: ['ana', 'ben'] },
    { after_seconds: 2, from: ['leads'], people: ['carla'] },
  ],
});

async function approve(played: Played): Promise<Played> {
  await played.pending();
  await played.decide((await played.decision()).envelope);
  return played;
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
        evaluatePolicy: async () => aRuling(request, { requirement: aRequirement({ count: 2 }) }),
      }));
      await approve(played);
      await played.decide((await played.decision({ person: 'ben' })).envelope);
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
        directory_digest: aDecision(played.request).digest,
      };
      await played.decide((await played.decision({ person: 'olga', standing: ineligible })).envelope);
      await played.withdraw('I take it back');
      return approve(played);
    },
  },
  {
    name: 'unknown',
    ends: { resolution: 'approved', outcome: 'unknown', code: 'executor_silent' },
    play: async (stage) =>
      approve(
        await stage.play((request) => ({
          evaluatePolicy: async () => aRuling(request, { max_seconds: 1 }),
          // Not a heartbeat, not a word, until the worker goes.
          execute: () => Context.current().cancelled,
        })),
      ),
  },
  {
    name: 'executor-absent',
    ends: notExecuted('approved', 'executor_absent'),
    play: async (stage) => {
      // No preview, which nobody would make either, and a short wait.
      const requirement = aRequirement({ grant_ttl_seconds: 1 });
      const played = await stage.play((request) => ({
        evaluatePolicy: async () => aRuling(request, { requirement, task_queue: 'nobody', effect: 'allow' }),
      }));
      return played;
    },
  },
  {
    name: 'refused-by-grant',
    ends: notExecuted('approved', 'requirement_not_met'),
    play: async (stage) =>
      approve(await stage.play((request) => ({ execute: async () => aRefusedExecution(request) }))),
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
