/** What one source file imports, and where it would end the process, as a real parser sees it. */
import { parseSync, Visitor } from 'vite';

export interface Import {
  /** As written; `undefined` when an `import()` computes it. */
  readonly specifier: string | undefined;
  /** Gone when Node strips the types: `import type`, `export type`, `import('…').T`. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Source {
  readonly imports: readonly Import[];
  /** Lines that call `process.exit` or one of its kin. */
  readonly exits: readonly number[];
}

const enders = new Set(['exit', 'abort', 'reallyExit']);

/** @throws Error when the file does not parse. */
export function readSource(file: string, text: string): Source {
  const parsed = parseSync(file, text);
  const [fault] = parsed.errors;
  if (fault !== undefined) throw new Error(`${file}: ${fault.message}`);

  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const imports: Import[] = [];
  const exits: number[] = [];
  const add = (start: number, specifier: string | undefined, typeOnly: boolean) =>
    imports.push({ specifier, typeOnly, line: lineOf(start) });

  new Visitor({
    ImportDeclaration(node) {
      add(node.start, node.source.value, node.importKind === 'type');
      if (!['node:process', 'process'].includes(node.source.value)) return;
      for (const { start, ...specifier } of node.specifiers) {
        const imported = specifier.type === 'ImportSpecifier' ? specifier.imported : undefined;
        if (imported?.type === 'Identifier' && enders.has(imported.name)) exits.push(lineOf(start));
      }
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) add(node.start, node.source.value, node.exportKind === 'type');
    },
    ExportAllDeclaration(node) {
      add(node.start, node.source.value, node.exportKind === 'type');
    },
    ImportExpression(node) {
      const literal = node.source.type === 'Literal' ? node.source.value : undefined;
      add(node.start, typeof literal === 'string' ? literal : undefined, false);
    },
    TSImportType(node) {
      add(node.start, node.source.value, true);
    },
    MemberExpression(node) {
      const { object, property } = node;
      const owner = object.type === 'MemberExpression' ? object.property : object;
      if (owner.type !== 'Identifier' || owner.name !== 'process') return;
      const name = property.type === 'Identifier' ? property.name : 'value' in property ? property.value : '';
      if (typeof name === 'string' && enders.has(name)) exits.push(lineOf(node.start));
    },
  }).visit(parsed.program);
  return { imports, exits };
}
