/** AssentClient: an agent's way to ask for a sensitive action and to learn how it came out. */
import { type Client, type Connection, WorkflowNotFoundError } from '@temporalio/client';
import { AssentError } from '../approval/error.ts';
import { readSigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import { readTrust, type Trust } from '../approval/trust.ts';
import type { Digest } from '../approval/types.ts';
import { SIGNALS } from '../workflows/messages.ts';
import { answerOf } from './answer.ts';
import { type Ask, type Asker, signRequest } from './ask.ts';
import { connectByEnvironment } from './connect.ts';
import { type AgentIdentity, identityOf } from './environment.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { startOnce } from './start.ts';
import { temporalError } from './temporal-error.ts';

/** A request that was made. */
export interface Asked {
  /** 64 hex; the workflow's id too. */
  readonly requestId: string;
  /** Digest of the signed Request: what an approval is of. */
  readonly actionDigest: Digest;
}

const WITHDRAWAL_VALID_MS = 5 * 60 * 1000;

/** Every method may throw AssentError `temporal_unreachable` or `temporal_refused` besides its own codes. */
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
    const connected = await connectByEnvironment();
    return new AssentClient(connected.client, asker, trust, connected.connection);
  }

  /**
   * Asks. The same key asks once, however often it is called; with another action or other claims it is refused.
   *
   * @throws AssentError `key_conflict`, `request_too_large`, `canonical_json_refused`, `statement_malformed`
   */
  async request(ask: Ask): Promise<Asked> {
    const signed = signRequest(ask, this.#asker);
    try {
      const { statement, digest } = await startOnce(signed, this.#asker, this.#client);
      return { requestId: statement.request_id, actionDigest: digest };
    } catch (error) {
      throw temporalError(error, { requestId: signed.statement.request_id });
    }
  }

  /**
   * Waits until it is settled how the request came out; minutes or days, as long as people take. A Temporal that
   * goes away for longer than some twenty seconds ends the waiting, not the request: wait again.
   *
   * @throws AssentError `result_unverified`, `request_unknown` (never asked, or past the namespace's retention),
   *   `workflow_failed`
   */
  async wait(asked: Asked): Promise<Outcome> {
    return readOutcome(await this.#result(asked.requestId), asked, this.#trust);
  }

  /** Asks and waits. */
  async run(ask: Ask): Promise<Outcome> {
    return this.wait(await this.request(ask));
  }

  /**
   * Takes a request back, signed by the agent's key. It binds once it stands in the book: an execution that has
   * begun before is not stopped.
   *
   * @throws AssentError `request_ended` where there is nothing left to take back, `request_unknown`
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
      const handle = this.#client.workflow.getHandle(requestId);
      await handle.signal(SIGNALS.withdraw, envelope).catch(async (error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        // Temporal says the same of a workflow that has ended and of one that never was.
        await handle.describe();
        throw ended(requestId, error);
      });
    } catch (error) {
      throw temporalError(error, { requestId });
    }
  }

  /** Frees the connection that {@link connect} made. */
  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #result(requestId: string): Promise<unknown> {
    try {
      return await answerOf(this.#client, requestId);
    } catch (error) {
      throw temporalError(error, { requestId });
    }
  }
}

function ended(requestId: string, cause: unknown): AssentError {
  return new AssentError(
    'request_ended',
    `Request ${requestId} has come to its end; there is nothing left to withdraw.`,
    { cause, evidence: { requestId } },
  );
}
