/** The figures of one run, as a table for people. */
import type { Stage } from './stages.ts';
import type { Spread } from './statistics.ts';

export interface Comparison {
  readonly name: string;
  readonly assent: Spread;
  readonly bare: Spread;
  /** Median against median. */
  readonly ratio: number;
  readonly goal: number | null;
}

export interface Shape {
  readonly name: string;
  readonly events: number;
  readonly tasks: number;
  /** Statements in the book's database. */
  readonly statements: number | null;
}

export interface Report {
  readonly runs: number;
  readonly machine: { readonly cpus: number; readonly node: string };
  readonly comparisons: readonly Comparison[];
  readonly shapes: readonly Shape[];
  /** What a click's time is made of. */
  readonly stages: readonly Stage[];
}

export function table({ comparisons, shapes, stages, runs, machine }: Report): string {
  const head = ['Milliseconds', 'Assent', 'p10-p90', 'bare', 'p10-p90', 'ratio', 'goal'];
  const rows = comparisons.map(({ name, assent, bare, ratio, goal }) => [
    name,
    ms(assent.median),
    `${ms(assent.p10)}-${ms(assent.p90)}`,
    ms(bare.median),
    `${ms(bare.p10)}-${ms(bare.p90)}`,
    ratio.toFixed(2),
    goal === null ? '' : goal.toFixed(1),
  ]);
  const counts = shapes.map(({ name, events, tasks, statements }) => [
    name,
    `${events}`,
    `${tasks}`,
    statements === null ? '' : `${statements}`,
  ]);
  const steps = stages.map(({ name, assent, bare }) => [name, ms(assent), bare === null ? '' : ms(bare)]);
  return [
    `${runs} runs of each, in turn; ${machine.cpus} processors, Node ${machine.node}`,
    '',
    grid([head, ...rows]),
    '',
    grid([['From click to execution, step by step', 'Assent', 'bare'], ...steps]),
    '',
    grid([['One request', 'events', 'workflow tasks', 'database statements'], ...counts]),
    '',
  ].join('\n');
}

function ms(value: number): string {
  return value.toFixed(1);
}

function grid(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(width(at)) : cell.padStart(width(at)))).join('  '),
    )
    .join('\n');
}
