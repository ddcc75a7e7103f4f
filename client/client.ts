/** AssentClient: an agent's way to ask for a sensitive action and to learn how it came out. */
import { Client, Connection, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { AssentError } from '../approval/error.ts';
import { readSigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import { readTrust, type Trust } from '../approval/trust.ts';
import type { Digest } from '../approval/types.ts';
import { SIGNALS } from '../workflows/messages.ts';
import { type Ask, type Asker, signRequest } from './ask.ts';
import { type AgentIdentity, identityOf } from './environment.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { startOnce } from './start.ts';

/** A request that was made. */
export interface Asked {
  /** 64 hex; the workflow's id too. */
  readonly requestId: string;
  /** Digest of the signed Request: what an approval is of. */
  readonly actionDigest: Digest;
}

const WITHDRAWAL_VALID_MS = 5 * 60 * 1000;

export class AssentClient {
  readonly #client: Client;
  readonly #asker: Asker;
  readonly #trust: Trust;
  readonly #connection: Connection | null;

  private constructor(client: Client, asker: Asker, trust: Trust, connection: Connection | null) {
    this.#client = client;
    this.#asker = asker;
    this.#trust = trust;
    this.#connection = connection;
  }

  /**
   * Connects by environment: TEMPORAL_* and temporal.toml as Temporal's own tools read them, and ASSENT_AGENT,
   * ASSENT_AGENT_KEY_FILE and ASSENT_TRUST for who is asking.
   *
   * @param identity instead of the three ASSENT variables
   * @param client a Temporal client of your own; it stays yours to close
   * @throws AssentError `environment_incomplete`, `temporal_unreachable`, those of keys and trust.yaml
   */
  static async connect(
    identity: AgentIdentity = identityOf(process.env),
    client?: Client,
  ): Promise<AssentClient> {
    const [key, trust] = await Promise.all([
      readSigningKey(identity.keyFile, identity.agent),
      readTrust(identity.trust),
    ]);
    const asker = { audience: trust.audience, agent: identity.agent, key, now: () => Date.now() };
    if (client !== undefined) return new AssentClient(client, asker, trust, null);
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
    const connection = await connectTo(connectionOptions);
    return new AssentClient(new Client({ connection, namespace }), asker, trust, connection);
  }

  /**
   * Asks. The same key asks once, however often it is called; with another action or other claims it is refused.
   *
   * @throws AssentError `key_conflict`, `request_too_large`, `canonical_json_refused`, `statement_malformed`
   */
  async request(ask: Ask): Promise<Asked> {
    const request = await startOnce(signRequest(ask, this.#asker), this.#asker, this.#client);
    return { requestId: request.statement.request_id, actionDigest: request.digest };
  }

  /**
   * Waits until it is settled how the request came out; minutes or days, as long as people take.
   *
   * @throws AssentError `result_unverified`, `request_unknown`, `workflow_failed`
   */
  async wait(asked: Asked): Promise<Outcome> {
    const handle = this.#client.workflow.getHandle(asked.requestId, undefined, { followRuns: true });
    try {
      return readOutcome(await handle.result(), asked, this.#trust);
    } catch (error) {
      throw named(error, asked.requestId);
    }
  }

  /** Asks and waits. */
  async run(ask: Ask): Promise<Outcome> {
    return this.wait(await this.request(ask));
  }

  /**
   * Takes a request back, signed by the agent's key. It binds once it stands in the book: an execution that has
   * begun before is not stopped.
   *
   * @throws AssentError `request_unknown` where it has ended or never was
   */
  async withdraw({ requestId }: Pick<Asked, 'requestId'>, reason?: string): Promise<void> {
    const { audience, agent, key, now } = this.#asker;
    const { envelope } = signStatement(
      'instruction',
      {
        audience,
        verb: 'withdraw',
        subject: requestId,
        detail: { agent },
        person: null,
        reason: reason ?? null,
        issued_at: new Date(now()).toISOString(),
        expires_at: new Date(now() + WITHDRAWAL_VALID_MS).toISOString(),
      },
      key,
    );
    try {
      await this.#client.workflow.getHandle(requestId).signal(SIGNALS.withdraw, envelope);
    } catch (error) {
      throw named(error, requestId);
    }
  }

  /** Frees the connection that {@link connect} made. */
  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function connectTo(options: ReturnType<typeof loadClientConnectConfig>['connectionOptions']) {
  try {
    return await Connection.connect(options);
  } catch (cause) {
    const address = options.address ?? 'localhost:7233';
    throw new AssentError(
      'temporal_unreachable',
      `Temporal can't be reached at ${address}; check TEMPORAL_ADDRESS.`,
      {
        cause,
      },
    );
  }
}

function named(error: unknown, requestId: string): unknown {
  const evidence = { requestId };
  if (error instanceof WorkflowNotFoundError) {
    return new AssentError('request_unknown', `No request ${requestId} is open here.`, {
      cause: error,
      evidence,
    });
  }
  if (error instanceof WorkflowFailedError) {
    const why = error.cause?.message ?? error.message;
    return new AssentError('workflow_failed', `The request was cut short: ${why}`, {
      cause: error,
      evidence,
    });
  }
  return error;
}
