/** What a command needs from the environment, or from an option that stands for it. */
import { AssentError } from '../client/vocabulary.ts';
import type { Terminal } from './terminal.ts';

/** @throws AssentError `environment_incomplete` */
export function needed(
  { env }: Pick<Terminal, 'env'>,
  variable: string,
  what: string,
  given?: string | undefined,
): string {
  const value = given ?? env[variable];
  if (value !== undefined && value !== '') return value;
  throw new AssentError('environment_incomplete', `Set ${variable}: ${what}.`);
}
