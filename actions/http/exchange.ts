/**
 * One message over one connection, and its answer.
 *
 * From the first byte that is sent until the answer is whole, a break of any kind means that nobody here knows
 * whether the target acted: that alone is `outcome_unknown`.
 */
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { AssentError } from '../../approval/error.ts';
import { type Answer, readBody } from './answer.ts';
import type { Message } from './message.ts';

const MAX_ANSWER_HEADERS = 16 * 1024;

/** @throws AssentError `http_status` where the target refused, `outcome_unknown` where its answer was lost */
export async function exchange(
  socket: Socket,
  message: Message,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  const { method, place, content } = message;
  const asked = request({
    createConnection: () => socket,
    method,
    host: place.host,
    path: place.requestTarget,
    headers,
    signal,
    maxHeaderSize: MAX_ANSWER_HEADERS,
    insecureHTTPParser: false,
  });
  let status: number | null = null;
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve);
      asked.on('error', reject);
      asked.once('close', () => reject(new Error('closed')));
    });
    asked.end(content);
    const response = await answered;
    status = response.statusCode ?? 0;
    if (status >= 400) throw refusedBy(message, status);
    // An interim answer, to which nothing final follows: the protocol was switched, unasked.
    if (status < 200) throw new Error('no answer');
    const body = await readBody(response);
    // A body without a length ends with its connection, be it that we have ended it.
    signal.throwIfAborted();
    return { status, headers: oneLine(response), body };
  } catch (error) {
    if (error instanceof AssentError) throw error;
    throw lost(message, status);
  } finally {
    socket.destroy();
  }
}

function oneLine({ headers }: IncomingMessage): Answer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function refusedBy({ method, place }: Message, status: number): AssentError {
  return new AssentError('http_status', `${place.host} answered ${method} with status ${status}.`, {
    evidence: { status },
  });
}

function lost({ method, place }: Message, status: number | null): AssentError {
  const when = status === null ? 'before it answered' : `in the middle of an answer with status ${status}`;
  return new AssentError(
    'outcome_unknown',
    `${method} was sent to ${place.host}, and the connection ended or time ran out ${when}; look there whether it was done.`,
    { evidence: { status } },
  );
}
