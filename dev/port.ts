/** A free port on the loopback address, for a server that must be told its port before it starts. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nothing listened on a moment ago. The kernel hands out another one to who asks next. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server without a port');
  return address.port;
}
