/**
 * What the local Slack's web page does, without a browser: modals, and the news that something changed, which
 * its control API does not have. The page talks over a WebSocket, one JSON object `{t: <kind>, …}` a frame.
 */
import { once } from 'node:events';
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';

const modalSchema = z.looseObject({
  id: z.string(),
  callback_id: z.string().optional(),
  private_metadata: z.string().optional(),
  blocks: z.array(z.looseObject({ type: z.string() })).default([]),
});
/** An open modal: Slack's view object. */
export type Modal = z.infer<typeof modalSchema>;

/** What became of a submission: closed; still open with errors by block id; or another modal in its place. */
export type Submission =
  | { readonly kind: 'closed' }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'shown'; readonly modal: Modal };

const frameSchema = z.union([
  z.object({ t: z.literal('init'), state: z.object({ modalStack: z.array(modalSchema) }) }),
  z.object({ t: z.literal('view'), stack: z.array(modalSchema) }),
  z.object({ t: z.literal('view_errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ t: z.string() }),
]);
type Frame = z.infer<typeof frameSchema>;

const answerTimeoutMs = 10_000;

export class SlackPage {
  readonly #socket: WebSocket;
  readonly #address: string;

  private constructor(address: string, socket: WebSocket) {
    this.#address = address;
    this.#socket = socket;
  }

  /** Connects to the server's `/ui`. */
  static async open(address: string): Promise<SlackPage> {
    const socket = new WebSocket(address);
    await once(socket, 'open');
    return new SlackPage(address, socket);
  }

  /** The topmost open modal: a fresh connection is told the whole state in its first frame. */
  async modal(): Promise<Modal | undefined> {
    const socket = new WebSocket(this.#address);
    try {
      const frame = frameOf(await once(socket, 'message'));
      return 'state' in frame ? frame.state.modalStack.at(-1) : undefined;
    } finally {
      socket.close();
    }
  }

  async submit(
    user: string,
    values: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): Promise<Submission> {
    const answered = this.#first((frame): Submission | undefined => {
      if ('errors' in frame) return { kind: 'errors', errors: frame.errors };
      if (!('stack' in frame)) return undefined;
      const modal = frame.stack.at(-1);
      return modal ? { kind: 'shown', modal } : { kind: 'closed' };
    });
    this.#socket.send(JSON.stringify({ t: 'view_submit', user, values: inputsOf(values) }));
    return await answered;
  }

  /** Asks `look` at once and after every change, until it gives something. */
  async until<T>(look: () => Promise<T | undefined>, timeoutMs: number): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const changed = once(this.#socket, 'message', { signal }).then(
        () => true,
        () => false,
      );
      const found = await look();
      if (found !== undefined) return found;
      if (!(await changed))
        throw new AssentError('timed_out', `The local Slack did not come to it in ${timeoutMs / 1000} s.`);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #first<T>(pick: (frame: Frame) => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const listen = (event: MessageEvent) => {
      const picked = pick(frameOf([event]));
      if (picked !== undefined) settle(() => resolve(picked));
    };
    const timer = setTimeout(
      () =>
        settle(() => reject(new AssentError('timed_out', 'The local Slack did not answer the submission.'))),
      answerTimeoutMs,
    );
    const settle = (then: () => void) => {
      clearTimeout(timer);
      this.#socket.removeEventListener('message', listen);
      then();
    };
    this.#socket.addEventListener('message', listen);
    return promise;
  }
}

function frameOf([event]: readonly unknown[]): Frame {
  return frameSchema.parse(JSON.parse(z.object({ data: z.string() }).parse(event).data));
}

function inputsOf(values: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  return Object.fromEntries(
    Object.entries(values).map(([block, actions]) => [
      block,
      Object.fromEntries(
        Object.entries(actions).map(([action, value]) => [action, { type: 'plain_text_input', value }]),
      ),
    ]),
  );
}
