/** A free port on the loopback address, for a server that must be told its port before it starts. */
import { once } from 'node:events';
import { createServer } from 'node:net';

const handedOut = new Set<number>();

/** A port that nothing listened on a moment ago, and that nobody else in this process was given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await unusedPort();
    // Until its server listens, the kernel may well offer the same port again.
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    return port;
  }
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server without a port');
  return address.port;
}
