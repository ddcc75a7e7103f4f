/** Starts the gateway, as its environment tells. */
import type { Logger } from 'pino';
import { gatewayEnvironment, readEnvironment } from '../activities/process/environment.ts';
import { alive } from '../activities/process/health.ts';
import { loadTrustedKey, watchJudge } from '../activities/process/house.ts';
import { closing, type Running } from '../activities/process/running.ts';
import { connectTemporal } from '../activities/process/temporal.ts';
import { runGateway } from './run.ts';

export async function start(log: Logger): Promise<Running> {
  const environment = readEnvironment(gatewayEnvironment, process.env);
  const live = await watchJudge(environment, log);
  const { judge } = live;
  const key = await loadTrustedKey(environment.ASSENT_GATEWAY_KEY_FILE, judge().ring.gateway);
  const temporal = await connectTemporal();
  const { SLACK_API_URL: apiUrl } = environment;
  const gateway = await runGateway({
    temporal,
    judge,
    key,
    databaseUrl: environment.DATABASE_URL,
    slack: {
      token: environment.SLACK_BOT_TOKEN,
      signingSecret: environment.SLACK_SIGNING_SECRET,
      channel: environment.SLACK_CHANNEL,
      ...(apiUrl === undefined ? {} : { apiUrl }),
    },
    listen: { port: environment.ASSENT_GATEWAY_PORT, hostname: environment.ASSENT_GATEWAY_HOST },
    temporalUi: environment.ASSENT_TEMPORAL_UI ?? null,
    log,
  });
  log.info({ port: gateway.port }, 'the gateway listens');
  return alive(closing(gateway, live), environment);
}
