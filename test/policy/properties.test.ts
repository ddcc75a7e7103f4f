import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Claims, JsonObject } from '../../approval/types.ts';
import { answer, CLAIMS, guard, PERSONAL, request } from './material.ts';

const subject = guard();
/** Lets through what lies outside the types, as a hostile parse would. */
const unchecked = z.custom<JsonObject>();
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => unchecked.parse({ value }));
const resources = fc.oneof(
  fc.constant(PERSONAL),
  json,
  fc.record(
    {
      database: fc.oneof(fc.constantFrom('crm', 'hr'), fc.integer(), fc.constant(null)),
      tables: fc.oneof(
        fc.array(fc.constantFrom('orders', 'customers'), { maxLength: 3 }),
        fc.constant('orders'),
      ),
      columns: fc.oneof(
        fc.array(fc.constantFrom('customers.email', 'orders.id'), { maxLength: 3 }),
        fc.constant(null),
      ),
    },
    { requiredKeys: [] },
  ),
);
const words = fc.oneof(fc.constant(null), fc.string());
const otherClaims = fc.record({
  intent: fc.option(fc.record({ statement: fc.string(), source: words })),
  reason: words,
  trigger: fc.option(fc.record({ type: fc.string(), id: fc.string(), url: words })),
  context: json,
});
const names = fc.constantFrom('sql.export', 'github.deploy', 'http.request', '', '.', '**');
const agents = fc.constantFrom('crm-assistant', 'nightly', 'stranger', 'kari', '__proto__');
const persons = fc.constantFrom(null, 'kari', 'ola', 'per', 'siv', 'liv', 'eve', 'security', 'constructor');

it('claims other than on_behalf_of change nothing', () => {
  fc.assert(
    fc.property(resources, names, persons, otherClaims, (resource, name, on_behalf_of, claims) => {
      const judge = (given: Claims) =>
        answer(subject, { request: request({ action: { name, input: {} }, claims: given }), resource });
      expect(judge({ ...claims, on_behalf_of })).toEqual(judge({ ...CLAIMS, on_behalf_of }));
    }),
  );
});

it('on_behalf_of turns no answer into a softer one', () => {
  fc.assert(
    fc.property(resources, persons, (resource, on_behalf_of) => {
      const decision = answer(subject, {
        request: request({ claims: { ...CLAIMS, on_behalf_of } }),
        resource,
      });
      const plain = answer(subject, { resource });
      expect([plain.effect, 'deny']).toContain(decision.effect);
    }),
  );
});

it('is total: whatever it is given, it answers, and without a rule it denies', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true });
  fc.assert(
    fc.property(
      anything,
      anything,
      agents,
      names,
      persons,
      anything,
      (input, resource, agent, name, on_behalf_of, facts) => {
        const given = request({
          agent,
          action: { name, input: unchecked.parse(input) },
          claims: { ...CLAIMS, on_behalf_of },
        });
        const preview = facts === null ? null : unchecked.parse(facts);
        const decision = answer(subject, { request: given, resource: unchecked.parse(resource), preview });
        expect(['allow', 'deny', 'require_approval']).toContain(decision.effect);
        if (decision.rule === null) expect(decision.effect).toBe('deny');
        expect(decision.requirement !== null).toBe(decision.effect === 'require_approval');
        expect(decision.explanation.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 300 },
  );
});

it('whatever fails denies: an expression without its fields never lets a later rule speak', () => {
  const lenient = guard(`version: 1
rules:
  - {id: strict, match: {action: "**", when: resource.value == 1}, effect: deny}
  - {id: rest, match: {action: "**"}, effect: allow}
`);
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.constant('value'), fc.string()), fc.oneof(fc.constant(1), fc.jsonValue())),
      (fields) => {
        const resource = unchecked.parse(fields);
        const { code, effect } = answer(lenient, { resource });
        const present = Object.hasOwn(resource, 'value');
        expect(effect).toBe(present && resource.value !== 1 ? 'allow' : 'deny');
        if (!present) expect(code).toBe('expression_failed');
      },
    ),
  );
});
