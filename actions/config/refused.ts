/** What config.set says of a file that it does not touch. */
import { AssentError } from '../../approval/error.ts';

/** `file` as the request names it; the words end in a cure. */
export function refused(code: string, file: string, words: string): AssentError {
  return new AssentError(code, `The file ${file} is refused: ${words}.`);
}

/** The file's bytes are not those that were approved, or that the request names. */
export function changed(file: string): AssentError {
  return new AssentError(
    'precondition_failed',
    `The file ${file} is not the one that was approved or named: its digest differs. It was left as it is; ask again.`,
  );
}
