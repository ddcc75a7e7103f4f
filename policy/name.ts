/** Names of people, groups, agents and rules, as the two files spell them. */
import { z } from 'zod';

/** One spelling per name: no capitals, no blanks, nothing that a card or a shell could read as something else. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._@-]{0,98}[a-z0-9])?$/u,
    'is no name; write 1 to 100 of a-z, 0-9 and . _ @ - between letters or digits',
  );
