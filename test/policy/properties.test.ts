import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Claims, JsonObject, PolicyDecision } from '../../approval/types.ts';
import { CLAIMS, DIRECTORY, guard, NOW, PERSONAL, POLICY, request } from './material.ts';

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
        subject.evaluate(request({ action: { name, input: {} }, claims: given }), resource, NOW);
      expect(judge({ ...claims, on_behalf_of })).toEqual(judge({ ...CLAIMS, on_behalf_of }));
    }),
  );
});

it('on_behalf_of turns no answer into a softer one', () => {
  fc.assert(
    fc.property(resources, persons, (resource, on_behalf_of) => {
      const decision = subject.evaluate(request({ claims: { ...CLAIMS, on_behalf_of } }), resource, NOW);
      const plain = subject.evaluate(request(), resource, NOW);
      expect([plain.effect, 'deny']).toContain(decision.effect);
    }),
  );
});

it('is total: whatever it is given, it answers, and without a rule it denies', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true });
  fc.assert(
    fc.property(anything, anything, agents, names, persons, (input, resource, agent, name, on_behalf_of) => {
      const given = request({
        agent,
        action: { name, input: unchecked.parse(input) },
        claims: { ...CLAIMS, on_behalf_of },
      });
      const decision = subject.evaluate(given, unchecked.parse(resource), NOW);
      expect(['allow', 'deny', 'require_approval']).toContain(decision.effect);
      if (decision.rule === null) expect(decision.effect).toBe('deny');
      expect(decision.requirement !== null).toBe(decision.effect === 'require_approval');
      expect(decision.explanation.length).toBeGreaterThan(0);
    }),
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
        const { code, effect } = lenient.evaluate(request(), resource, NOW);
        const present = Object.hasOwn(resource, 'value');
        expect(effect).toBe(present && resource.value !== 1 ? 'allow' : 'deny');
        if (!present) expect(code).toBe('expression_failed');
      },
    ),
  );
});

it('excluding more people makes nobody eligible', () => {
  const eligible = ({ requirement }: PolicyDecision) =>
    requirement?.stages.flatMap(({ people }) => people) ?? [];
  const people = fc.uniqueArray(fc.constantFrom('kari', 'ola', 'per', 'siv', 'liv'), { minLength: 1 });
  fc.assert(
    fc.property(
      people,
      fc.constantFrom('kari', 'ola', 'per', 'siv', 'liv'),
      persons,
      (owners, more, on_behalf_of) => {
        const judge = (owned: readonly string[]) =>
          guard(POLICY, DIRECTORY.replace('owners: [ola]', `owners: [${owned.join(', ')}]`)).evaluate(
            request({ claims: { ...CLAIMS, on_behalf_of } }),
            PERSONAL,
            NOW,
          );
        const [before, after] = [judge(owners), judge([...new Set([...owners, more])])];
        expect(eligible(before)).toEqual(expect.arrayContaining([...eligible(after)]));
        expect(eligible(after)).not.toContain(more);
        expect(eligible(after)).not.toContain(on_behalf_of);
      },
    ),
    { numRuns: 60 },
  );
});
