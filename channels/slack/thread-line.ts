/** One line of a thread: what happened, and under it somebody's own words. */
import type { KnownBlock } from '@slack/types';
import type { Timestamp } from '../../approval/types.ts';
import { quote, richText, section, withIds } from './blocks.ts';
import { mrkdwn, plain } from './text.ts';

export interface ThreadLine {
  /** A statement's digest, or a name such as `escalation:1:0`: of the first revision, the first step. */
  readonly key: string;
  readonly text: string;
  readonly blocks: KnownBlock[];
}

export interface DatedLine extends ThreadLine {
  readonly at: Timestamp;
}

const REASON = { limit: 2500, rows: 40, lines: true };

/** @param reason never markup in the blocks, and escaped in the text */
export function told(key: string, at: Timestamp, markup: string, reason: string | null = null): DatedLine {
  const blocks: KnownBlock[] = [section(markup)];
  if (reason === null) return { key, at, text: markup, blocks: withIds(blocks) };
  blocks.push(richText(quote(plain(reason, REASON).text)));
  // A sentence that is followed by a reason has no full stop of its own.
  return { key, at, text: `${markup}: ${mrkdwn(reason, { limit: 1200 }).text}`, blocks: withIds(blocks) };
}
