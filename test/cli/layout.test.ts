/** What others wrote stays in its place on the screen, however wide its letters are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf } from '../../approval/view.ts';
import { cardLines } from '../../cli/card-lines.ts';
import { cellsOf, fold, table, wrap } from '../../cli/layout.ts';
import { visible } from '../../cli/visible.ts';
import { asking, previewOf, requestOf } from '../approval/world.ts';
import { widthOf } from './terminal.ts';

const words = fc.string({
  unit: fc.constantFrom('a', ' ', '漢', '🙂', 'é', '\u202e', '\u001b', '\n'),
  maxLength: 300,
});

test('no line is wider than the terminal, in its own cells', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 30, max: 120 }), (text, columns) => {
      const shown = visible(text);
      for (const line of [
        ...wrap(shown, columns, 4),
        ...fold(shown, columns, 4),
        ...table([[shown]], columns),
      ]) {
        expect(cellsOf(line)).toBeLessThanOrEqual(columns);
      }
    }),
  );
});

test('folding loses nothing, and marks what goes on', () => {
  fc.assert(
    fc.property(words, (text) => {
      const [first = '', ...rest] = fold(visible(text), 40, 2);
      expect(rest.every((line) => line.startsWith('  » '))).toBe(true);
      expect(first.slice(2) + rest.map((line) => line.slice(4)).join('')).toBe(visible(text));
    }),
  );
});

test('a word of two cells each is not counted as one: the 41st would begin a line of its own', () => {
  expect(cellsOf('漢字')).toBe(4);
  expect(wrap('漢'.repeat(41), 80)).toHaveLength(2);
});

test('a request’s own text never stands in the first column, nor acts on the terminal', () => {
  const lie = `\u001b[2J\u202e${'漢'.repeat(45)}Approved by the CISO\nRequest   approved\n\u3164`;
  const request = requestOf({
    action: { name: 'sql.export', input: { note: lie, file: 'a\u00a0b' } },
    claims: {
      on_behalf_of: 'mia',
      intent: { statement: lie, source: lie },
      reason: lie,
      trigger: { type: 'x', id: 'y', url: lie },
      context: { lie },
    },
  });
  const preview = previewOf(request);
  const policy = asking();
  const examined = {
    present: () => ({ title: lie, description: [lie], impact: [lie], target: lie }),
    drift: () => [],
    endsAfter: null,
  };
  const content = viewOf({ request, previews: [preview], policy, examined });
  const standings = {
    state: 'pending',
    timeline: null,
    placed: [],
    tally: null,
    start: null,
    finish: null,
    withdrawal: null,
    closed: null,
    hold: null,
    glass: null,
    settlement: null,
    lease: null,
  } as const;
  const text = cardLines(content, { policy, standings }, 80).join('\n');
  expect(widthOf(text)).toBeLessThanOrEqual(80);
  expect(text).not.toMatch(/[^\P{C}\n]|[\u3164\u00a0]/u);
  expect(text).not.toMatch(/^(Approved by|Request {3}approved)/m);
  expect(text).toContain('In the agent’s words, which nobody has verified');
  expect(text).toContain('"file": "a\\u00a0b"');
});
