/** How many rows were approved: the previewed count, and what the rule lets it be more by. */

/** @param slack percent; part of a row is none */
export function boundOf(rows: number, slack: number): number {
  return Math.floor((rows * (100 + slack)) / 100);
}

const grouped = new Intl.NumberFormat('en-US');

export function rowsInWords(rows: number): string {
  return `${grouped.format(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}
