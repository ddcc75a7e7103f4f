/** What the person for whom the agent asked is told, once: what became of it. */
import type { KnownBlock } from '@slack/types';
import type { RequestState } from '../../approval/state.ts';
import { context, line, quote, richText, section, withIds } from './blocks.ts';
import type { CardInput } from './card-input.ts';
import { short, words } from './markup.ts';
import { outcomeLine, outcomeWords } from './outcome-words.ts';
import { plain } from './text.ts';

export interface OutcomeMessage {
  /** `outcome:<state>`: stable, so that it is sent once. */
  readonly key: string;
  /** The directory's id of whom to tell. */
  readonly person: string;
  readonly text: string;
  readonly blocks: KnownBlock[];
}

const OPEN: ReadonlySet<RequestState> = new Set(['pending', 'approved', 'lapsed', 'running', 'allowed']);

/** Null while there is no outcome, and where the agent named nobody that it acts for. */
export function renderOutcome(input: CardInput): OutcomeMessage | null {
  const { about, standings } = input;
  const person = about.claims.on_behalf_of;
  if (person === null || OPEN.has(standings.state)) return null;
  const said = outcomeWords(input);
  const asked = `${words(about.agent)} asked on your behalf`;
  const why = said.reason === null ? [] : [quote(plain(said.reason, { limit: 2000, lines: true }).text)];
  const blocks: KnownBlock[] = [
    section(`${asked}:`),
    richText(line(plain(about.title, { limit: 500 }).text)),
    section(outcomeLine(input)),
    ...(why.length === 0 ? [] : [richText(...why)]),
    context([`Request \`${short(about.request_id)}\`  ·  ${words(about.audience)}`]),
  ];
  return {
    key: `outcome:${standings.state}`,
    person,
    text: `${said.title}: ${words(about.title, 1000)} (${asked})`,
    blocks: withIds(blocks),
  };
}
