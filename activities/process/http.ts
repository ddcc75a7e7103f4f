/** Serves an app over HTTP until closed. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';

export interface Served {
  /** The port that was taken, where 0 was asked for. */
  readonly port: number;
  /** Stops listening and lets what is under way end. */
  close(): Promise<void>;
}

export function serveHttp(
  app: Hono,
  { port, hostname }: { port: number; hostname: string },
): Promise<Served> {
  const { promise, resolve, reject } = Promise.withResolvers<Served>();
  const server = serve({ fetch: app.fetch, port, hostname }, (address: AddressInfo) => {
    server.off('error', reject);
    resolve({ port: address.port, close });
  });
  server.once('error', reject);

  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    });
  return promise;
}
