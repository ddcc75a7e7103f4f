/** `assent/actions`: define an action, implement it, register it; and the actions that are built in. */
export type { Action, ActionTerms, AnyAction, Reading } from './define.ts';
export { defineAction } from './define.ts';
export type { RequestInput } from './http/definition.ts';
export { httpRequest } from './http/definition.ts';
export type { HttpRequestOptions } from './http/implementation.ts';
export { implementHttpRequest } from './http/implementation.ts';
export type { HostEntry, Hosts, Secret } from './http/listed.ts';
export type { ExecuteCall, Implementation, PreviewCall, Work } from './implement.ts';
export { implement } from './implement.ts';
export type { ExaminedAction, Implementations, Registry } from './registry.ts';
export { createImplementations, createRegistry } from './registry.ts';
export type { ExportInput } from './sql/definition.ts';
export { sqlExport } from './sql/definition.ts';
export type { SqlExportOptions } from './sql/implementation.ts';
export { implementSqlExport } from './sql/implementation.ts';
export type { SqlTarget, SqlTargets } from './sql/targets.ts';
