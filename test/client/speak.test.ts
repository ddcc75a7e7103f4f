/** What becomes of a statement when the gateway answers oddly, late or not at all. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import type { Envelope } from '../../approval/types.ts';
import { speak } from '../../client/speak.ts';

const envelope: Envelope = { payloadType: 'x', payload: '', signatures: [] };
const taken = { digest: `sha256:${'a'.repeat(64)}`, outcome: 'booked', code: 'eligible' };

let server: Server | undefined;
afterEach(() => server?.close());

async function gateway(listener: RequestListener): Promise<URL> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', () => done()));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return new URL(`http://127.0.0.1:${address.port}`);
}

const answering = (status: number, body: unknown): RequestListener => {
  return (_, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};

test('the very same envelope is sent again after a failure, to the path that takes it', async () => {
  const bodies: string[] = [];
  const url = await gateway(async (request, response) => {
    bodies.push(`${request.method} ${request.url} ${await text(request)}`);
    if (bodies.length === 1) return void response.destroy();
    response.writeHead(bodies.length === 2 ? 503 : 200).end(JSON.stringify(taken));
  });
  await expect(speak(new URL('/assent/', url), envelope)).resolves.toEqual(taken);
  expect(bodies).toEqual(Array(3).fill(`POST /assent/v1/statements ${JSON.stringify(envelope)}`));
});

test.for<[string, number, unknown, string]>([
  ['what does not count is an answer', 403, { ...taken, code: 'excluded' }, ''],
  ['what it refuses bears its code', 401, { code: 'key_unknown', message: 'No such key.' }, 'key_unknown'],
  ['a page of somebody else', 404, '<html>', 'gateway_unreachable'],
  ['a yes of somebody else', 200, { ok: true }, 'gateway_unreachable'],
  ['a yes that is a no', 500, taken, 'gateway_unready'],
  ['a way elsewhere', 307, '', 'gateway_unreachable'],
  ['a code that is none', 400, { code: '\u001b[2J', message: 'x' }, 'gateway_unreachable'],
])('%s', async ([, status, body, code]) => {
  const url = await gateway(answering(status, body));
  if (code === '') await expect(speak(url, envelope)).resolves.toMatchObject({ code: 'excluded' });
  else await expect(speak(url, envelope)).rejects.toMatchObject({ code });
});
