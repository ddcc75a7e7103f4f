/** A connection to Temporal by environment, as its own tools make theirs. */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { AssentError } from '../approval/error.ts';

export interface Connected {
  readonly client: Client;
  readonly connection: Connection;
}

/** @throws AssentError `environment_incomplete` (TEMPORAL_* or temporal.toml), `temporal_unreachable` */
export async function connectByEnvironment(): Promise<Connected> {
  const { connectionOptions, namespace = 'default' } = configuration();
  try {
    const connection = await Connection.connect(connectionOptions);
    return { client: new Client({ connection, namespace }), connection };
  } catch (cause) {
    const address = connectionOptions.address ?? 'localhost:7233';
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AssentError(
      'temporal_unreachable',
      `Temporal can't be reached at ${address} (${why}); check TEMPORAL_ADDRESS.`,
      { cause },
    );
  }
}

function configuration() {
  try {
    return loadClientConnectConfig();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AssentError(
      'environment_incomplete',
      `Temporal's configuration can't be read (TEMPORAL_* or temporal.toml): ${why}`,
      { cause },
    );
  }
}
