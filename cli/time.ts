/** Times for people: `2026-03-01 09:30:00`, in UTC. */
import type { Timestamp } from '../client/vocabulary.ts';

export function shortTime(at: Timestamp): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? '?' : time.toISOString().slice(0, 19).replace('T', ' ');
}
