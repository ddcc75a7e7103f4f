/** Starting the workflow of a request, once for each of the caller's keys. */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import { defineSearchAttributeKey, type Payload, SearchAttributeType } from '@temporalio/common';
import { z } from 'zod';
import { canonicalize } from '../approval/canonical-json.ts';
import { AssentError } from '../approval/error.ts';
import { openStatement } from '../approval/statements.ts';
import type { Verified } from '../approval/types.ts';
import { AGENT_ACTION, type AgentActionInput, QUEUES, SEARCH_ATTRIBUTES } from '../workflows/messages.ts';
import type { Asker } from './ask.ts';

/** The request that stands under the key: this one, or the equal one that was made before. */
export async function startOnce(
  request: Verified<'request'>,
  asker: Asker,
  client: Client,
): Promise<Verified<'request'>> {
  try {
    await start(request, client);
    return request;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const standing = await standingRequest(request.statement.request_id, asker, client);
  if (asks(standing) === asks(request)) return standing;
  throw conflict(request, 'asks for something else');
}

async function start({ statement, envelope }: Verified<'request'>, client: Client): Promise<void> {
  const { request_id, agent, action, claims } = statement;
  const input: AgentActionInput = { request: envelope };
  await client.workflow.start(AGENT_ACTION, {
    taskQueue: QUEUES.worker,
    workflowId: request_id,
    args: [input],
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    staticSummary: `${agent}: ${action.name}`.slice(0, 100),
    staticDetails: details(statement.key, claims.intent?.statement ?? claims.reason),
    typedSearchAttributes: [
      { key: keyword(SEARCH_ATTRIBUTES.action), value: action.name },
      { key: keyword(SEARCH_ATTRIBUTES.agent), value: agent },
      { key: keyword(SEARCH_ATTRIBUTES.state), value: 'evaluating' },
    ],
  });
}

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** The agent's words are kept in a code span, where they are no markup. */
function details(key: string, words: string | null): string {
  const plain = (text: string) => text.replaceAll('`', "'").replaceAll(/\s+/g, ' ').slice(0, 2000);
  const said = words === null ? [] : [`The agent says: \`${plain(words)}\``];
  return [`Caller's key: \`${plain(key)}\``, ...said].join('\n\n');
}

const started = z.object({ request: z.unknown() });

async function standingRequest(
  requestId: string,
  asker: Asker,
  client: Client,
): Promise<Verified<'request'>> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: requestId },
    maximumPageSize: 1,
  });
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const input = started.safeParse(await firstOf(payloads, client));
  try {
    const trust = { keys: [asker.key.verifier], audience: asker.audience };
    return openStatement('request', input.data?.request, trust);
  } catch (cause) {
    throw new AssentError(
      'key_conflict',
      `A workflow that this agent did not sign stands under the request's id ${requestId}.`,
      { cause, evidence: { requestId } },
    );
  }
}

/** The first of the payloads as the caller's client reads them, which may have codecs of its own. */
async function firstOf(payloads: Payload[], client: Client): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = payloads;
  for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
  const [first] = decoded;
  return first === undefined ? undefined : payloadConverter.fromPayload(first);
}

/** What is asked, without when. */
function asks({ statement: { requested_at: _, ...asked } }: Verified<'request'>): string {
  return canonicalize(asked);
}

function conflict({ statement }: Verified<'request'>, why: string): AssentError {
  return new AssentError(
    'key_conflict',
    `The request that stands under the key ${JSON.stringify(statement.key)} ${why}; use another key.`,
    { evidence: { requestId: statement.request_id } },
  );
}
