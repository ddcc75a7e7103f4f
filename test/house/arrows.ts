/**
 * Who may import whom, and who may end the process. `faultsOf` gives one line for each breach:
 *
 *     policy/load.ts:3 imports book/book.ts: policy may import only approval
 */
import { posix } from 'node:path';
import { type Import, readSource } from './source.ts';

/** A room, or one file of it, by path without its extension. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  approval: [],
  policy: ['approval'],
  actions: ['approval'],
  channels: ['approval'],
  book: ['approval'],
  audit: ['approval', 'book', 'policy', 'actions'],
  workflows: ['approval/types', 'approval/timeline', 'approval/tally'],
  activities: ['policy', 'actions', 'channels', 'book', 'audit', 'approval'],
  client: ['workflows/messages', 'actions', 'approval'],
  gateway: ['activities', 'channels', 'actions', 'client', 'book', 'audit', 'policy', 'approval'],
  worker: ['workflows', 'activities', 'actions', 'policy', 'channels', 'book', 'audit', 'approval'],
  cli: ['client', 'policy', 'book', 'audit'],
};

/** What `import type` reaches beyond that. */
const typeArrows: Readonly<Record<string, readonly string[]>> = { workflows: ['activities'] };

/** Around the house: they may import all of it, and nothing in it imports them. */
const surroundings = new Set(['dev', 'bench', 'examples', 'test']);

const sandbox = new Set(['@temporalio/workflow', '@temporalio/common']);

const mayExit = /^(cli|dev|dev\/demo|worker|gateway|bench)\/main\.ts$/;

/** A team's own actions are a module that the environment names. */
const mayCompute = new Set(['audit/load-judge.ts']);

interface Edge extends Import {
  readonly from: string;
  /** Path in the repository, or undefined for a package. */
  readonly to: string | undefined;
}

/** @param files source text by path from the repository's root, with forward slashes */
export function faultsOf(files: ReadonlyMap<string, string>): readonly string[] {
  const sources = [...files].map(([file, text]) => ({ file, ...readSource(file, text) }));
  const edges = sources.flatMap(({ file, imports }) => imports.map((one) => edgeOf(file, one)));
  return [
    ...sources.flatMap(({ file, exits }) =>
      mayExit.test(file) ? [] : exits.map((line) => `${file}:${line} ends the process: throw instead`),
    ),
    ...edges.flatMap((edge) => edgeFaults(edge, files)),
    ...sandboxFaults(edges),
    ...cycles(edges).map((cycle) => `imports in a circle: ${cycle.join(' → ')}`),
  ];
}

function edgeOf(from: string, one: Import): Edge {
  const relative = one.specifier?.startsWith('.')
    ? posix.join(posix.dirname(from), one.specifier)
    : undefined;
  return { ...one, from, to: relative };
}

function edgeFaults(edge: Edge, files: ReadonlyMap<string, string>): readonly string[] {
  const place = `${edge.from}:${edge.line}`;
  const inside = !surroundings.has(roomOf(edge.from));
  if (edge.specifier === undefined) {
    return inside && !mayCompute.has(edge.from)
      ? [`${place} computes what it imports: write the path out`]
      : [];
  }
  // By its own package's name a room would come past the table.
  if (inside && /^assent(\/|$)/.test(edge.specifier))
    return [`${place} imports ${edge.specifier}: write the path`];
  if (edge.to === undefined) return [];
  if (!files.has(edge.to) && !edge.to.endsWith('.json')) return [`${place} imports ${edge.to}: no such file`];
  const [from, to] = [roomOf(edge.from), roomOf(edge.to)];
  if (from === to || !inside) {
    return to === 'test' && from !== 'test' ? [`${place} imports ${edge.to}: only tests import tests`] : [];
  }
  const allowed = [...(arrows[from] ?? []), ...(edge.typeOnly ? (typeArrows[from] ?? []) : [])];
  const file = edge.to.replace(/\.ts$/, '');
  if (allowed.includes(to) || allowed.includes(file)) return [];
  const only = arrows[from]?.join(', ') || 'nothing of the house';
  return [`${place} imports ${edge.to}: ${from} may import only ${only}`];
}

/** The files at the root (configuration of tools) are a room of their own. */
function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

/** Whatever a workflow reaches at run time is bundled into the sandbox, through however many files. */
function sandboxFaults(edges: readonly Edge[]): readonly string[] {
  const reached = new Set(edges.map((edge) => edge.from).filter((file) => roomOf(file) === 'workflows'));
  const faults: string[] = [];
  for (const file of reached) {
    for (const edge of edges) {
      if (edge.from !== file || edge.typeOnly) continue;
      if (edge.to !== undefined) reached.add(edge.to);
      else if (edge.specifier !== undefined && !sandbox.has(edge.specifier)) {
        faults.push(`${file}:${edge.line} brings ${edge.specifier} into the workflow sandbox`);
      }
    }
  }
  return faults;
}

/** One circle for each file that a walk in depth meets again on its own way. */
function cycles(edges: readonly Edge[]): readonly (readonly string[])[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) if (to !== undefined) next.set(from, [...(next.get(from) ?? []), to]);
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]) => {
    if (way.includes(file)) return void found.push([...way.slice(way.indexOf(file)), file]);
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return found;
}
