/** The registries: definitions by name for every process, implementations by name for an executor. */
import { AssentError } from '../approval/error.ts';
import type { JsonObject } from '../approval/types.ts';
import type { Examined } from '../approval/view.ts';
import type { ActionFields, AnyAction, Reading } from './define.ts';
import type { Implementation } from './implement.ts';

/** A known action with an input that its definition admits. */
export interface ExaminedAction extends Examined, Reading {
  readonly definition: AnyAction;
  /** As given: parsing changes nothing. */
  readonly input: JsonObject;
}

export interface Registry {
  /** What a rule may read of the actions of a pattern; null where there may be others than are known here. */
  fieldsOf(pattern: string): ActionFields | null;
  /** @throws AssentError `action_unknown`, and what `AnyAction.read` throws */
  examine(name: string, input: JsonObject): ExaminedAction;
}

export interface Implementations {
  /** @throws AssentError `action_not_implemented` */
  find(name: string): Implementation;
  has(name: string): boolean;
}

/** @throws AssentError `action_duplicate` */
export function createRegistry(definitions: readonly AnyAction[]): Registry {
  const byName = indexed(definitions, ({ name }) => name);
  return {
    fieldsOf: (pattern) => byName.get(pattern)?.fields ?? null,
    examine(name, input) {
      const definition = byName.get(name);
      if (definition === undefined) {
        const known = [...byName.keys()].sort().join(', ');
        throw new AssentError(
          'action_unknown',
          `No action is named ${JSON.stringify(name)}; known: ${known}.`,
        );
      }
      const reading = definition.read(input);
      const { title, description, target } = reading;
      return {
        definition,
        input,
        ...reading,
        maxSeconds: definition.maxSeconds,
        present: (facts) => ({ title, description, impact: definition.impact(facts), target }),
        drift: (approved, now, slack) => definition.drift(approved, now, slack),
      };
    },
  };
}

/** @throws AssentError `action_duplicate` */
export function createImplementations(list: readonly Implementation[]): Implementations {
  const byName = indexed(list, ({ action }) => action.name);
  return {
    has: (name) => byName.has(name),
    find(name) {
      const implementation = byName.get(name);
      if (implementation !== undefined) return implementation;
      throw new AssentError(
        'action_not_implemented',
        `This executor does not implement ${JSON.stringify(name)}; add it to the executor's actions, or send it to its own task queue.`,
      );
    },
  };
}

function indexed<Item>(items: readonly Item[], nameOf: (item: Item) => string): ReadonlyMap<string, Item> {
  const byName = new Map<string, Item>();
  for (const item of items) {
    const name = nameOf(item);
    if (byName.has(name))
      throw new AssentError('action_duplicate', `Two actions are named ${name}; keep one.`);
    byName.set(name, item);
  }
  return byName;
}
