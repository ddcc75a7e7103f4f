/** A time that an option gives: date, time and offset. */
import { AssentError } from '../client/vocabulary.ts';
import { instantSchema } from '../policy/moment.ts';

/** @throws AssentError `usage` */
export function momentOption(option: string, text: string): Date {
  const parsed = instantSchema.safeParse(text);
  if (parsed.success) return new Date(parsed.data);
  const why = parsed.error.issues[0]?.message ?? 'is no time';
  throw new AssentError('usage', `${option} ${JSON.stringify(text)} ${why}.`);
}
