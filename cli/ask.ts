/** Asks whoever sits at the terminal for one line. */
import { createInterface } from 'node:readline';
import { AssentError } from '../client/vocabulary.ts';

/** The question goes to `output`, beside the answers that a pipe may read. */
export function asker(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): (question: string) => Promise<string> {
  return (question) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const lines = createInterface({ input, output });
    // Ctrl-C and the end of the input close it; after an answer this comes too late to matter.
    lines.once('close', () =>
      reject(new AssentError('not_confirmed', 'Nothing was answered; nothing was said.')),
    );
    lines.question(question, (line) => {
      resolve(line);
      lines.close();
    });
    return promise;
  };
}
