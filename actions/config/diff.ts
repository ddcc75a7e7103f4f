/** The lines in which two texts differ, as a unified diff without context; cut where it is long, and saying so. */

export interface Diff {
  readonly lines: readonly string[];
  readonly added: number;
  readonly removed: number;
  /** Lines left out or cut short. */
  readonly cut: number;
}

const MAX_LINES = 60;
const MAX_CHARACTERS = 200;
/** Texts that differ in more lines than this are told as one whole replacement. */
const MAX_DIFFERENCES = 400;

interface Hunk {
  /** Indices of lines; ends are not included. */
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

export function diffOf(before: string, after: string): Diff {
  const a = linesOf(before);
  const b = linesOf(after);
  const hunks = hunksOf(a, b);
  const all = hunks.flatMap(({ from, to, newFrom, newTo }) => [
    `@@ -${range(from, to)} +${range(newFrom, newTo)} @@`,
    ...a.slice(from, to).flatMap((line) => `-${line}`.split('\n')),
    ...b.slice(newFrom, newTo).flatMap((line) => `+${line}`.split('\n')),
  ]);
  const kept = all.slice(0, MAX_LINES).map(shortened);
  const short = kept.filter((line, index) => line !== all[index]).length;
  return {
    lines: kept,
    added: hunks.reduce((sum, { newFrom, newTo }) => sum + newTo - newFrom, 0),
    removed: hunks.reduce((sum, { from, to }) => sum + to - from, 0),
    cut: all.length - kept.length + short,
  };
}

/** A last line without its line break differs from one with it: it bears a second line, as diff prints it. */
function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** As diff -u counts: an empty range names the line before it. */
function range(from: number, to: number): string {
  return to - from === 1 ? `${to}` : `${to === from ? from : from + 1},${to - from}`;
}

function shortened(line: string): string {
  const characters = [...line];
  if (characters.length <= MAX_CHARACTERS) return line;
  return `${characters.slice(0, MAX_CHARACTERS).join('')} … (${characters.length - MAX_CHARACTERS} more characters)`;
}

function hunksOf(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  if (start === endA && start === endB) return [];
  const matches = matchesOf(a.slice(start, endA), b.slice(start, endB)) ?? [];
  const hunks: Hunk[] = [];
  let at = { from: start, newFrom: start };
  for (const [x, y] of [...matches.map(([x, y]) => [x + start, y + start] as const), [endA, endB] as const]) {
    if (x > at.from || y > at.newFrom) hunks.push({ ...at, to: x, newTo: y });
    at = { from: x + 1, newFrom: y + 1 };
  }
  return hunks;
}

/** Pairs of equal lines by Myers' greedy algorithm (1986), in order; null where the texts differ too much. */
function matchesOf(
  a: readonly string[],
  b: readonly string[],
): readonly (readonly [number, number])[] | null {
  const trace: ReadonlyMap<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let differences = 0; differences <= MAX_DIFFERENCES; differences++) {
    const next = new Map(reach);
    trace.push(reach);
    for (let k = -differences; k <= differences; k += 2) {
      let x = stepDown(reach, k, differences) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length);
    }
    reach = next;
  }
  return null;
}

function stepDown(reach: ReadonlyMap<number, number>, k: number, differences: number): boolean {
  return k === -differences || (k !== differences && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));
}

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  endX: number,
  endY: number,
): readonly (readonly [number, number])[] {
  const matches: (readonly [number, number])[] = [];
  let [x, y] = [endX, endY];
  for (const [differences, reach] of [...trace.entries()].toReversed()) {
    const k = x - y;
    const before = stepDown(reach, k, differences) ? k + 1 : k - 1;
    const fromX = reach.get(before) ?? 0;
    const fromY = fromX - before;
    while (x > fromX && y > fromY) matches.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return matches.toReversed();
}
