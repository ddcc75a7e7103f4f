/** What a CEL expression names: each name is known or a fault with its offset, and what is read is listed. */
import type { CelEnv, parse } from '@bufbuild/cel';

type Parsed = ReturnType<typeof parse>;
type Expr = Parsed['expr'];

export interface ExpressionFault {
  /** Index of the character in the expression; null for the whole of it. */
  readonly offset: number | null;
  /** What is wrong; the cure. */
  readonly message: string;
}

/** A chain of fields from one of the variables: `['resource', 'columns']`. */
export interface Reading {
  readonly path: readonly string[];
  /** Index of its first character in the expression. */
  readonly offset: number;
}

export interface Names {
  readonly faults: readonly ExpressionFault[];
  readonly readings: readonly Reading[];
}

/** Every variable that an expression may name, with its fields where they are fixed. */
const VARIABLES: ReadonlyMap<string, readonly string[] | null> = new Map([
  ['action', ['name', 'input']],
  ['input', null],
  ['resource', null],
  ['agent', ['name']],
  ['preview', null],
  ['attested', null],
  ['now', null],
]);
const KNOWN = [...VARIABLES.keys()].join(', ');
const TYPES = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
]);
/** Operators that the planner carries out itself; the environment lists no function for them. */
const OPERATORS = new Set(['_[_]', '_?_:_', '_&&_', '_||_', '@not_strictly_false']);
const MEANT: ReadonlyMap<string, string> = new Map([
  ['claims', "claims are the agent's own words, which decide nothing"],
]);

interface Scope {
  readonly env: CelEnv;
  readonly positions: Parsed['sourceInfo'];
  /** Variables of the comprehensions around. */
  readonly bound: ReadonlySet<string>;
}

const NONE: Names = { faults: [], readings: [] };

export function namesOf(env: CelEnv, { expr, sourceInfo }: Parsed): Names {
  return walk(expr, { env, positions: sourceInfo, bound: new Set() });
}

function walk(expr: Expr | undefined, scope: Scope): Names {
  const kind = expr?.exprKind;
  if (expr === undefined || kind === undefined) return NONE;
  switch (kind.case) {
    case 'identExpr':
    case 'selectExpr': {
      const chain = chainOf(expr);
      return chain === null ? walk(selected(expr), scope) : reading(expr, chain, scope);
    }
    case 'callExpr': {
      const { target, args } = kind.value;
      const fault = callFault(expr, scope);
      const parts = fault === 'qualified' ? args : [target, ...args];
      const inner = joined(parts.map((part) => walk(part, scope)));
      return fault === null || fault === 'qualified'
        ? inner
        : joined([{ faults: [fault], readings: [] }, inner]);
    }
    case 'listExpr':
      return joined(kind.value.elements.map((element) => walk(element, scope)));
    case 'structExpr': {
      if (kind.value.messageName !== '') {
        return faulty(expr, scope, `${kind.value.messageName} is no type here; write a map or a function`);
      }
      return joined(
        kind.value.entries.flatMap(({ keyKind, value }) => [
          walk(keyKind.case === 'mapKey' ? keyKind.value : undefined, scope),
          walk(value, scope),
        ]),
      );
    }
    case 'comprehensionExpr': {
      const { iterRange, accuInit, iterVar, accuVar, loopCondition, loopStep, result } = kind.value;
      const inside = { ...scope, bound: new Set([...scope.bound, iterVar, accuVar]) };
      return joined([
        ...[iterRange, accuInit].map((part) => walk(part, scope)),
        ...[loopCondition, loopStep, result].map((part) => walk(part, inside)),
      ]);
    }
    default:
      return NONE;
  }
}

/** `a.b.c` as its words; null where it does not begin with a name. */
function chainOf(expr: Expr): Reading['path'] | null {
  const { exprKind } = expr;
  if (exprKind.case === 'identExpr') return [exprKind.value.name.replace(/^\./u, '')];
  if (exprKind.case !== 'selectExpr' || exprKind.value.operand === undefined) return null;
  const before = chainOf(exprKind.value.operand);
  return before === null ? null : [...before, exprKind.value.field];
}

function selected(expr: Expr): Expr | undefined {
  return expr.exprKind.case === 'selectExpr' ? expr.exprKind.value.operand : undefined;
}

function reading(expr: Expr, chain: Reading['path'], scope: Scope): Names {
  const [name = '', field] = chain;
  if (scope.bound.has(name)) return NONE;
  if (TYPES.has(name) && field === undefined) return NONE;
  const fields = VARIABLES.get(name);
  if (fields === undefined) {
    return faulty(rootOf(expr), scope, `${name} is no name here; ${MEANT.get(name) ?? `known are ${KNOWN}`}`);
  }
  if (fields !== null && field !== undefined && !fields.includes(field)) {
    return faulty(rootOf(expr), scope, `${name} has no ${field}; it has ${fields.join(', ')}`);
  }
  const offset = scope.positions?.positions[String(rootOf(expr).id)] ?? 0;
  return { faults: [], readings: [{ path: chain, offset }] };
}

function rootOf(expr: Expr): Expr {
  const operand = selected(expr);
  return operand === undefined ? expr : rootOf(operand);
}

/** `qualified` for a function with a dotted name, whose target is no value. */
function callFault(expr: Expr, { env, positions }: Scope): ExpressionFault | 'qualified' | null {
  if (expr.exprKind.case !== 'callExpr') return null;
  const { function: name, target, args } = expr.exprKind.value;
  if (OPERATORS.has(name)) return null;
  const prefix = target === undefined ? null : chainOf(target);
  if (prefix !== null && env.funcs.find([...prefix, name].join('.')) !== undefined) return 'qualified';
  const offset = positions?.positions[String(expr.id)] ?? 0;
  const group = env.funcs.find(name);
  const form = target === undefined ? name : `.${name}`;
  if (group === undefined) {
    return {
      offset,
      message: `${form}() is no function here; correct its name, or the number of its arguments`,
    };
  }
  const fits = [...group].some(
    (func) => (func.target === undefined) === (target === undefined) && func.arguments.length === args.length,
  );
  return fits
    ? null
    : { offset, message: `${form}() can't be called like this; see CEL's definition of ${name}` };
}

function faulty(expr: Expr, { positions }: Scope, message: string): Names {
  return { faults: [{ offset: positions?.positions[String(expr.id)] ?? 0, message }], readings: [] };
}

function joined(parts: readonly Names[]): Names {
  return {
    faults: parts.flatMap(({ faults }) => faults),
    readings: parts.flatMap(({ readings }) => readings),
  };
}
