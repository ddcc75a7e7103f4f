/**
 * The house's own page of the book: freezes and delegations, which are about no single request.
 *
 * A freeze stands until somebody lifts it, whatever becomes of its author. Pure; the clock is passed in.
 */
import { canonicalize } from './canonical-json.ts';
import { saying, type VerifiedInstruction } from './instruction.ts';
import { matchesPattern } from './pattern.ts';
import type { Digest, FreezeScope, JsonObject, RequestStatement, Verified } from './types.ts';

export interface House {
  /** Those that nobody has lifted, oldest first. */
  readonly freezes: readonly VerifiedInstruction<'freeze'>[];
  /** All that were not revoked, whatever the time. */
  readonly delegations: readonly VerifiedInstruction<'delegate'>[];
}

/** Who stands for whom, as policy takes it. */
export interface Delegation {
  readonly principal: string;
  readonly delegate: string;
  /** A pattern of action names. */
  readonly action: string;
  readonly digest: Digest;
}

/** Of the house's verified instructions, in order of booking. */
export function houseOf(instructions: readonly Verified<'instruction'>[]): House {
  const lifted = new Set<string>(saying(instructions, 'unfreeze').map(({ statement }) => statement.subject));
  const revoked = new Set<string>(saying(instructions, 'revoke').map(({ statement }) => statement.subject));
  return {
    freezes: saying(instructions, 'freeze').filter(({ digest }) => !lifted.has(digest)),
    delegations: saying(instructions, 'delegate').filter(({ digest }) => !revoked.has(digest)),
  };
}

/** The delegations in force at a moment, each from its start until before its end. */
export function delegationsAt({ delegations }: House, now: number): readonly Delegation[] {
  return delegations.flatMap(({ digest, statement }) => {
    const { person, subject, detail, expires_at } = statement;
    const inForce = Date.parse(detail.starts_at) <= now && now < Date.parse(expires_at);
    return inForce && person !== null
      ? [{ principal: person, delegate: subject, action: detail.action, digest }]
      : [];
  });
}

/** The oldest freeze that stops this action; null where none does. */
export function freezeOf(
  { freezes }: Pick<House, 'freezes'>,
  { agent, action }: Pick<RequestStatement, 'agent' | 'action'>,
  resource: JsonObject,
): VerifiedInstruction<'freeze'> | null {
  return freezes.find(({ statement }) => stops(statement.detail.scope, agent, action.name, resource)) ?? null;
}

/** What stands as a freeze's subject: `everything`, `agent:reporter`, `action:sql.*`, `resource:{…}`. */
export function freezeSubject(scope: FreezeScope): string {
  switch (scope.of) {
    case 'everything':
      return 'everything';
    case 'agent':
      return `agent:${scope.agent}`;
    case 'action':
      return `action:${scope.action}`;
    case 'resource':
      return `resource:${canonicalize(scope.resource)}`;
  }
}

function stops(scope: FreezeScope, agent: string, action: string, resource: JsonObject): boolean {
  switch (scope.of) {
    case 'everything':
      return true;
    case 'agent':
      return scope.agent === agent;
    case 'action':
      return matchesPattern(scope.action, action);
    case 'resource':
      return Object.entries(scope.resource).every(
        ([field, value]) =>
          Object.hasOwn(resource, field) && canonicalize(resource[field]) === canonicalize(value),
      );
  }
}
