/** Connects to Temporal as its own tools do: TEMPORAL_* and temporal.toml. */
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { AssentError } from '../../approval/error.ts';

export interface Temporal {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly client: Client;
}

/** @throws AssentError `temporal_unreachable` */
export async function connectTemporal(): Promise<Temporal> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  try {
    const connection = await NativeConnection.connect(connectionOptions);
    return { connection, namespace, client: new Client({ connection, namespace }) };
  } catch (cause) {
    const address = connectionOptions.address ?? 'localhost:7233';
    throw new AssentError(
      'temporal_unreachable',
      `Temporal can't be reached at ${address}; check TEMPORAL_ADDRESS.`,
      {
        cause,
      },
    );
  }
}
