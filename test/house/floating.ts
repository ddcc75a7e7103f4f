/**
 * Promises that nobody awaits, as TypeScript's own checker sees them:
 *
 *     workflows/pay.ts:12 leaves a promise to itself: notify(card)
 *
 * The linter infers types in part only: what `proxyActivities` returns escapes it, and so does a query builder.
 */
import { relative } from 'node:path';
import type { Expression, ExpressionStatement, Node } from 'typescript/unstable/ast';
import {
  isBinaryExpression,
  isCallExpression,
  isExpressionStatement,
  isPropertyAccessExpression,
  isVoidExpression,
} from 'typescript/unstable/ast/is';
import { API, type Checker, type Type } from 'typescript/unstable/sync';

/** @param config path of a tsconfig.json @param wanted which files, by path from `root`, to look at */
export function floatingPromises(
  root: string,
  config: string,
  wanted: (file: string) => boolean,
): readonly string[] {
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`${config} is no project`);
    return project.rootFiles.flatMap((path) => {
      const file = relative(root, path);
      const source = wanted(file) ? project.program.getSourceFile(path) : undefined;
      if (source === undefined) return [];
      const statements = [...statementsOf(source)];
      const types = project.checker.getTypeAtLocation(statements.map(({ expression }) => expression));
      return statements.flatMap((statement, index) => {
        const type = types[index];
        if (type === undefined || !isThenable(project.checker, type)) return [];
        const line = source.text.slice(0, statement.getStart(source)).split('\n').length;
        return [`${file}:${line} leaves a promise to itself: ${statement.getText(source).split('\n')[0]}`];
      });
    });
  } finally {
    api.close();
  }
}

function* statementsOf(node: Node): Generator<ExpressionStatement> {
  const below: Node[] = [];
  node.forEachChild((child) => void below.push(child));
  for (const child of below) {
    if (isExpressionStatement(child) && !isHandled(child.expression)) yield child;
    yield* statementsOf(child);
  }
}

/** Thrown away on purpose (`void`), kept (`a = b`), or with somebody for its failure. */
function isHandled(expression: Expression): boolean {
  if (isVoidExpression(expression) || isBinaryExpression(expression)) return true;
  if (!isCallExpression(expression) || !isPropertyAccessExpression(expression.expression)) return false;
  const handlers = expression.arguments.length;
  const { text } = expression.expression.name;
  return (text === 'catch' && handlers === 1) || (text === 'then' && handlers === 2);
}

function isThenable(checker: Checker, type: Type): boolean {
  const parts = type.isUnionType() ? type.getTypes() : [type];
  return parts.some((part) => checker.getPropertyOfType(part, 'then') !== undefined);
}
