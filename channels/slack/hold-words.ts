/** What keeps an action from running now, though nothing has ended it: by whom, why and until when. */
import type { RequestState } from '../../approval/state.ts';
import type { FreezeScope } from '../../approval/types.ts';
import type { CardInput } from './card-input.ts';
import { code, date, duration, someone, words } from './markup.ts';

export interface HoldWords {
  /** Stays while the same thing holds it. */
  readonly key: string;
  /** A Slack emoji's name. */
  readonly icon: string;
  /** Markup: what holds it. */
  readonly what: string;
  /** Markup: until when. */
  readonly until: string;
  /** Somebody's own words on why; null where `what` says all. */
  readonly reason: string | null;
}

const HOLDABLE: ReadonlySet<RequestState> = new Set(['allowed', 'pending', 'approved', 'lapsed']);

/** Null where nothing holds it, or nothing is left to hold. */
export function holdWords(input: CardInput): HoldWords | null {
  const { standings, freeze } = input;
  const { state, hold } = standings;
  if (!HOLDABLE.has(state)) return null;
  if (hold === null) return limitWords(input);
  if (hold.code === 'frozen' && freeze !== null) {
    const { person, detail, reason, issued_at } = freeze.statement;
    const what = `*Frozen*: ${someone(input, person)} froze ${scopeWords(detail.scope)}`;
    const until = `since ${date(issued_at)}, until somebody lifts it`;
    return { key: freeze.digest, icon: 'ice_cube', what, until, reason };
  }
  const until = hold.opens === null ? 'with no end in sight' : `may run from ${date(hold.opens)}`;
  const key = `held:${hold.code}:${hold.opens ?? ''}`;
  const what = `*${TITLES[hold.code]}*: ${words(hold.words.replace(/\.$/, ''), 600)}`;
  return { key, icon: ICONS[hold.code], what, until, reason: null };
}

const TITLES = {
  frozen: 'Frozen',
  not_before: 'Not yet',
  outside_window: 'Outside its hours',
  change_freeze: 'Change freeze',
} as const;

const ICONS = {
  frozen: 'ice_cube',
  not_before: 'calendar',
  outside_window: 'clock8',
  change_freeze: 'ice_cube',
} as const;

/** What the executor said of its last try: a burst waits its turn. */
function limitWords({
  standings: { state, finish },
  policy: { release },
  about,
}: CardInput): HoldWords | null {
  if (state !== 'approved' && state !== 'allowed') return null;
  if (finish?.statement.code !== 'limit_reached') return null;
  const limit = release?.limit ?? null;
  const most = limit === null ? '' : `: at most ${limit.count} in ${duration(limit.per_seconds)}`;
  const what = `*Waits its turn*: ${words(about.agent)} has reached its limit under this rule${most}`;
  return { key: 'held:limit', icon: 'traffic_light', what, until: 'until there is room again', reason: null };
}

function scopeWords(scope: FreezeScope): string {
  switch (scope.of) {
    case 'everything':
      return '*everything*';
    case 'agent':
      return `the agent ${code(scope.agent)}`;
    case 'action':
      return `the actions ${code(scope.action)}`;
    case 'resource':
      return `the resource ${code(JSON.stringify(scope.resource), 400)}`;
  }
}
