/**
 * The functions, operators, types and column-free values that a statement may use, by name.
 *
 * Never by volatility: `table_to_xml('secrets'::regclass, …)` is stable, in pg_catalog, and reads another table.
 * A function belongs here if it and all its overloads in pg_catalog see only their arguments and the clock, and
 * build nothing of a size that they are told (lpad, repeat). An operator likewise. No type names a database object.
 */

export const FUNCTIONS: ReadonlySet<string> = new Set([
  // Aggregates
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'bool_and',
  'bool_or',
  'every',
  'string_agg',
  'stddev',
  'variance',
  // Windows
  'row_number',
  'rank',
  'dense_rank',
  'percent_rank',
  'cume_dist',
  'ntile',
  'lag',
  'lead',
  'first_value',
  'last_value',
  'nth_value',
  // Text
  'lower',
  'upper',
  'initcap',
  'length',
  'char_length',
  'character_length',
  'octet_length',
  'btrim',
  'ltrim',
  'rtrim',
  'substring',
  'substr',
  'left',
  'right',
  'replace',
  'split_part',
  'position',
  'strpos',
  'starts_with',
  'concat',
  'concat_ws',
  'reverse',
  'like_escape',
  // Numbers
  'abs',
  'ceil',
  'ceiling',
  'floor',
  'round',
  'trunc',
  'sign',
  'mod',
  'div',
  // Time
  'extract',
  'date_part',
  'date_trunc',
  'timezone',
  'age',
  'now',
  'make_date',
  'to_char',
  'to_date',
  'to_timestamp',
]);

export const OPERATORS: ReadonlySet<string> = new Set([
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '||',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  '->',
  '->>',
]);

/** As the grammar writes them: `int` is int4, `character varying` is varchar. */
export const TYPES: ReadonlySet<string> = new Set([
  'int2',
  'int4',
  'int8',
  'numeric',
  'float4',
  'float8',
  'bool',
  'text',
  'varchar',
  'bpchar',
  'uuid',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'interval',
]);

/** The clock; not who is connected, nor to what. */
export const VALUES: ReadonlySet<string> = new Set([
  'SVFOP_CURRENT_DATE',
  'SVFOP_CURRENT_TIME',
  'SVFOP_CURRENT_TIME_N',
  'SVFOP_CURRENT_TIMESTAMP',
  'SVFOP_CURRENT_TIMESTAMP_N',
  'SVFOP_LOCALTIME',
  'SVFOP_LOCALTIME_N',
  'SVFOP_LOCALTIMESTAMP',
  'SVFOP_LOCALTIMESTAMP_N',
]);
