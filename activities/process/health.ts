/** Answers /healthz for a process that serves nothing else. */
import { Hono } from 'hono';
import type { HouseEnvironment } from './environment.ts';
import { serveHttp } from './http.ts';
import type { Running } from './running.ts';

/** Where ASSENT_HEALTH_PORT is set, on loopback, for as long as the process runs. */
export async function alive(
  running: Running,
  { ASSENT_HEALTH_PORT: port }: Pick<HouseEnvironment, 'ASSENT_HEALTH_PORT'>,
): Promise<Running> {
  if (port === undefined) return running;
  const app = new Hono().get('/healthz', (context) => context.json({ status: 'alive' }));
  const served = await serveHttp(app, { port, hostname: '127.0.0.1' });
  return { ...running, ended: running.ended.finally(() => served.close()) };
}
