/** `assent request`: asks for an action as the agent of the environment, and waits for the outcome where told to. */
import type { AskClaims } from '../client/ask.ts';
import { type Asked, AssentClient } from '../client/client.ts';
import { identityOf } from '../client/environment.ts';
import type { Outcome } from '../client/outcome.ts';
import { AssentError } from '../client/vocabulary.ts';
import { field, wrap } from './layout.ts';
import { readInput } from './read-input.ts';
import type { Answer, Terminal } from './terminal.ts';
import { shortTime } from './time.ts';
import { one, type Word } from './usage.ts';
import { visible, visibleJson } from './visible.ts';

export const request = (terminal: Terminal): Word =>
  one({
    name: 'assent request',
    description: 'Ask for an action, as the agent of the environment',
    args: {
      action: { type: 'string', required: true, valueHint: 'name', description: 'Such as sql.export' },
      input: {
        type: 'string',
        required: true,
        valueHint: 'file',
        description: 'Its input as JSON; - is stdin',
      },
      key: { type: 'string', required: true, valueHint: 'key', description: 'Yours; the same key asks once' },
      'on-behalf-of': { type: 'string', valueHint: 'person', description: 'For whom the agent acts' },
      intent: { type: 'string', valueHint: 'text', description: 'What that person asked for' },
      reason: { type: 'string', valueHint: 'text', description: 'Why the agent asks' },
      trigger: {
        type: 'string',
        valueHint: 'type:id',
        description: 'What set it off: type:id, or type:id:url',
      },
      wait: { type: 'boolean', description: 'Wait for how it comes out' },
    },
    run: async (args) => {
      const identity = identityOf(terminal.env);
      const input = await readInput(args.input, terminal);
      const { action, key, intent, reason } = args;
      const trigger = args.trigger === undefined ? undefined : triggerOf(args.trigger);
      const onBehalfOf = args['on-behalf-of'];
      await using client = await AssentClient.connect(identity);
      const asked = await client.request({
        key,
        action,
        input,
        ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
        ...(intent === undefined ? {} : { intent: { statement: intent } }),
        ...(reason === undefined ? {} : { reason }),
        ...(trigger === undefined ? {} : { trigger }),
      });
      if (args.wait !== true) return askedAnswer(asked);
      terminal.aside(`Asked as ${asked.requestId}. Waiting; Ctrl-C ends the waiting, not the request.\n`);
      return outcomeAnswer(asked, await client.wait(asked), terminal.columns);
    },
  });

/** `github.push:4711` or `github.push:4711:https://…`. @throws AssentError `usage` */
export function triggerOf(text: string): NonNullable<AskClaims['trigger']> {
  const [, type, id, url] = /^([^:]+):([^:]+)(?::(.+))?$/.exec(text) ?? [];
  if (type === undefined || id === undefined) {
    throw new AssentError('usage', `${JSON.stringify(text)} is no trigger; write type:id, or type:id:url.`);
  }
  return { type, id, ...(url === undefined ? {} : { url }) };
}

export function askedAnswer(asked: Asked): Answer {
  return {
    positive: true,
    document: asked,
    lines: [`Asked as ${asked.requestId}.`, 'The same command with --wait waits for the outcome.'],
  };
}

const OUTCOMES: { readonly [K in Outcome['outcome']]: string } = {
  succeeded: 'It ran and succeeded',
  failed: 'It ran and failed',
  unknown: 'Nobody knows how it ended: look at the target before you ask again',
  not_executed: 'It did not run',
};

export function outcomeAnswer({ requestId }: Asked, ended: Outcome, columns: number): Answer {
  const { resolution, outcome, code, reason, result, until } = ended;
  const line = (name: string, value: string) => field(name, visible(value), columns);
  return {
    positive: outcome === 'succeeded',
    document: { requestId, ...ended },
    lines: [
      ...wrap(`${OUTCOMES[outcome]}.`, columns),
      '',
      ...line('Request', requestId),
      ...line('Resolved', resolution),
      ...(code === resolution || code === outcome ? [] : line('Code', code)),
      ...(reason === null ? [] : line('Reason', reason)),
      ...(until === null ? [] : line('Until', `${shortTime(until)} UTC`)),
      ...(result === null
        ? []
        : [
            'Result',
            ...visibleJson(result)
              .split('\n')
              .map((text) => `  ${text}`),
          ]),
    ],
  };
}
