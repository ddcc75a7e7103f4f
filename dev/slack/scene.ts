/** A scene: a request in some state, told by what was asked of whom, and what happened. */
import type {
  Claims,
  FinishStatement,
  FreezeScope,
  JsonObject,
  PolicyDecision,
  Powers,
  Release,
  Requirement,
} from '../../approval/types.ts';
import type { Presentation } from '../../approval/view.ts';
import type { Face } from '../../channels/slack/card-input.ts';

/** What happened, `after` so many seconds from the first preview. */
export type SceneEvent = { readonly after: number } & (
  | {
      readonly kind: 'approve' | 'deny' | 'defer';
      readonly person: string | null;
      readonly reason?: string;
      /** Whom it is handed to. */
      readonly to?: string;
      readonly typed?: string;
      /** Why it was refused when it was given; eligible without. */
      readonly refused?: string;
      /** The rule has changed since. */
      readonly stale?: boolean;
    }
  /** Asked again, of what the executor sees now. */
  | { readonly kind: 'preview'; readonly facts: JsonObject }
  | { readonly kind: 'withdraw'; readonly reason?: string }
  | { readonly kind: 'freeze'; readonly person: string; readonly scope: FreezeScope; readonly reason: string }
  | { readonly kind: 'break_glass' | 'revoke'; readonly person: string; readonly reason: string }
  | {
      readonly kind: 'review' | 'settle';
      readonly person: string;
      readonly yes: boolean;
      readonly reason: string;
    }
  | { readonly kind: 'start'; readonly seconds: number }
  | { readonly kind: 'finish'; readonly outcome: FinishStatement['outcome']; readonly code: string }
  | { readonly kind: 'close'; readonly code: string }
);

export interface Scene {
  readonly presentation: Presentation;
  readonly action: { readonly name: string; readonly input: JsonObject };
  readonly resource: JsonObject;
  readonly claims: Claims;
  readonly facts: JsonObject;
  /** What a later preview differs in from the one before it. */
  readonly drift: readonly string[];
  readonly endsAfter: number | null;
  readonly requirement: Requirement;
  readonly release: Release;
  readonly powers: Powers;
  readonly effect: PolicyDecision['effect'];
  readonly opens: Date;
  readonly events: readonly SceneEvent[];
  /** Seconds from the first preview. */
  readonly now: number;
  readonly faces: Readonly<Record<string, Face>>;
  readonly temporal: string | null;
}
