/** Durations as policy.yaml writes them: a whole number and one of s, m, h, d; `15m`, `2d`. */
import { z } from 'zod';

const UNITS = [
  { letter: 'd', seconds: 86_400, word: 'day' },
  { letter: 'h', seconds: 3600, word: 'hour' },
  { letter: 'm', seconds: 60, word: 'minute' },
  { letter: 's', seconds: 1, word: 'second' },
] as const;
const LONGEST_DAYS = 30;
const PATTERN = /^([1-9][0-9]{0,6})([smhd])$/u;

/** Text in, seconds out: 1 second to 30 days. */
export const durationSchema = z
  .string()
  .transform(secondsOf)
  .meta({ pattern: PATTERN.source, description: 'A whole number and s, m, h or d: 90s, 15m, 2h, 1d.' });

function secondsOf(text: string, context: z.RefinementCtx): number {
  const [, amount = '', letter] = PATTERN.exec(text) ?? [];
  const unit = UNITS.find((candidate) => candidate.letter === letter);
  const seconds = Number(amount) * (unit?.seconds ?? 0);
  if (unit !== undefined && seconds <= LONGEST_DAYS * 86_400) return seconds;
  const message =
    unit === undefined
      ? 'is no duration; write a whole number and s, m, h or d, such as 15m'
      : `is longer than ${LONGEST_DAYS} days; write a shorter one`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** `1 hour`, `90 minutes`: in the largest unit that leaves no rest. */
export function durationWords(seconds: number): string {
  const unit = UNITS.find((candidate) => seconds % candidate.seconds === 0) ?? UNITS[3];
  const amount = seconds / unit.seconds;
  return `${amount} ${unit.word}${amount === 1 ? '' : 's'}`;
}
