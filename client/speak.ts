/**
 * Says a signed statement to the gateway, by its `POST /v1/statements`.
 *
 * What is not answered is sent again, the very same envelope: however often it arrives, it is booked once.
 */
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { AssentError } from '../approval/error.ts';
import type { Digest, Envelope } from '../approval/types.ts';

const STATEMENTS_PATH = '/v1/statements';
/** Pauses before the second and the third try, in milliseconds. */
const PAUSES = [300, 1500] as const;
const ANSWER_MS = 10_000;

/** What the gateway says of a statement that it read. */
export interface Heard {
  /** Of what stands in the book: the gateway's own word of the attempt where what was sent does not count. */
  readonly digest: Digest | null;
  readonly outcome: 'booked' | 'present' | 'refused';
  /** `eligible` where it counts, or why it does not. */
  readonly code: string;
}

const heard = z.object({
  digest: z.templateLiteral(['sha256:', z.string()]).nullable(),
  outcome: z.enum(['booked', 'present', 'refused']),
  code: z.string(),
});
const fault = z.object({ code: z.string().regex(/^[a-z][a-z0-9_]*$/), message: z.string() });

/**
 * @param gateway its base address
 * @throws AssentError `gateway_unreachable`, `gateway_unready`, and what the gateway refuses to read, by its own codes
 */
export async function speak(gateway: URL, envelope: Envelope): Promise<Heard> {
  const url = new URL(`${gateway.pathname.replace(/\/+$/, '')}${STATEMENTS_PATH}`, gateway);
  for (let tries = 0; ; tries += 1) {
    try {
      return await once(url, JSON.stringify(envelope));
    } catch (error) {
      const pause = PAUSES[tries];
      const again = error instanceof AssentError && AGAIN.has(error.code);
      if (!again || pause === undefined) throw error;
      await setTimeout(pause);
    }
  }
}

const AGAIN: ReadonlySet<string> = new Set(['gateway_unreachable', 'gateway_unready']);

async function once(url: URL, body: string): Promise<Heard> {
  const { status, text } = await answerOf(url, body);
  const json = jsonOf(text);
  const taken = heard.safeParse(json);
  if ((status === 200 || status === 403) && taken.success) return taken.data;
  const refused = fault.safeParse(json);
  if (status >= 500) {
    const why = refused.success ? refused.data.code : `HTTP ${status}`;
    throw new AssentError(
      'gateway_unready',
      `The gateway at ${url.origin} can't do it now (${why}). Say it again in a moment: what it has heard already, it books once.`,
    );
  }
  if (status >= 400 && refused.success) {
    throw new AssentError(
      refused.data.code,
      `The gateway refuses: ${refused.data.message.replaceAll(/\s+/g, ' ')}`,
    );
  }
  throw new AssentError(
    'gateway_unreachable',
    `What answers at ${url.origin} is no gateway of Assent (HTTP ${status}); check ASSENT_GATEWAY.`,
  );
}

async function answerOf(url: URL, body: string): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    throw new AssentError(
      'gateway_unreachable',
      `The gateway does not answer at ${url.origin}. Check ASSENT_GATEWAY and say it again: nothing is lost, and what it has heard already, it books once.`,
      { cause },
    );
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told by its status: a proxy's page, or something else than a gateway.
    return null;
  }
}
