/** Reads text with Postgres's own parser: exactly one statement of a known kind, and nothing beside it. */
import { hasSqlDetails, loadModule, type Node, parseSync, type SelectStmt, scanSync } from 'libpg-query';
import type { AssentError } from '../../approval/error.ts';
import { kindOf, refused } from './walk.ts';

await loadModule();

/** Version of the grammar, as Postgres's own server_version_num has it: 180004. */
export const GRAMMAR_VERSION = parseSync('SELECT 1').version ?? 0;

/**
 * The one SELECT that the text holds, not yet judged.
 *
 * @throws AssentError `sql_not_select`, and as {@link parseOne} does
 */
export function parseSelect(text: string): SelectStmt {
  const statement = parseOne(text, (kind) =>
    kind === 'SelectStmt' ? null : refused('sql_not_select', `only SELECT is exported, not ${kind}`, null),
  );
  if ('SelectStmt' in statement) return statement.SelectStmt;
  throw refused('sql_not_select', 'only SELECT is exported', null);
}

/**
 * The one statement that the text holds, not yet judged.
 *
 * Comments and semicolons are refused: a comment would be words on the card that no one runs, and without
 * either, the text stays one SELECT wherever a parenthesised SELECT may stand.
 *
 * @param refuse says what is wrong with a kind of statement: `DropStmt`
 * @throws AssentError `sql_syntax`, `sql_not_one_statement`, `sql_comment`, `sql_semicolon`, and what `refuse` gives
 */
export function parseOne(text: string, refuse: (kind: string) => AssentError | null): Node {
  // The parser takes a C string and would read no further.
  if (text.includes('\0')) throw refused('sql_syntax', 'it holds a NUL', text.indexOf('\0') + 1);
  const statements = parse(text);
  const [sole] = statements;
  if (sole?.stmt === undefined || statements.length !== 1) {
    throw refused(
      'sql_not_one_statement',
      `it holds ${statements.length} statements; send exactly one`,
      null,
    );
  }
  const wrongKind = refuse(kindOf(sole.stmt));
  if (wrongKind !== null) throw wrongKind;
  for (const { tokenName, start } of scanSync(text).tokens) {
    const character = Buffer.from(text).subarray(0, start).toString().length + 1;
    if (tokenName.endsWith('_COMMENT')) throw refused('sql_comment', 'leave comments out', character);
    if (tokenName === 'ASCII_59') throw refused('sql_semicolon', 'leave the semicolon out', character);
  }
  return sole.stmt;
}

function parse(text: string) {
  try {
    return parseSync(text).stmts ?? [];
  } catch (error) {
    // The parser's message may quote a value; its place says enough.
    const character = hasSqlDetails(error) ? (error.sqlDetails?.cursorPosition ?? 0) + 1 : null;
    throw refused('sql_syntax', 'Postgres would not parse it', character);
  }
}
