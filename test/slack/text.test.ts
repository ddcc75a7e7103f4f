/** Hostile text: markup is escaped, the invisible is seen, and what is cut says so, whatever the text is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapedLength, mrkdwn, plain, plainParts } from '../../channels/slack/text.ts';

const limit = 500;
/** Plain text, escapes, combining marks, bidi, astral and lone surrogates, all in one. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('<', '>', '&', '⟦', '\n', '\u202e', '\u200b', '\ud83d', '🙂', '\u0301', ' ', '`', '*'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 300,
});

test('stops mentions, links and dates in markup', () => {
  expect(mrkdwn('<!channel> <@U1> <https://a|b> &lt;', { limit }).text).toBe(
    '&lt;!channel&gt; &lt;@U1&gt; &lt;https://a|b&gt; &amp;lt;',
  );
});

test('leaves plain text unescaped', () => {
  expect(plain('a < b & c', { limit })).toEqual({ text: 'a < b & c', whole: true, rows: 1 });
});

test.each([
  ['right-to-left override', '\u202e', 'U+202E'],
  ['isolate', '\u2066', 'U+2066'],
  ['zero-width space', '\u200b', 'U+200B'],
  ['zero-width joiner', '\u200d', 'U+200D'],
  ['byte order mark', '\ufeff', 'U+FEFF'],
  ['soft hyphen', '\u00ad', 'U+00AD'],
  ['no-break space', '\u00a0', 'U+00A0'],
  ['Hangul filler', '\u3164', 'U+3164'],
  ['braille blank', '\u2800', 'U+2800'],
  ['line separator', '\u2028', 'U+2028'],
  ['variation selector', '\ufe0f', 'U+FE0F'],
  ['tag letter', '\u{e0041}', 'U+E0041'],
  ['carriage return', '\r', 'U+000D'],
  ['tab', '\t', 'U+0009'],
  ['null', '\0', 'U+0000'],
  ['lone surrogate', '\ud800', 'U+D800'],
  ['private use', '\ue000', 'U+E000'],
  ['the mark itself', '⟦', 'U+27E6'],
])('shows a %s', (_, character, point) => {
  expect(plain(`a${character}b`, { limit, lines: true }).text).toBe(`a⟦${point}⟧b`);
});

test('shows a line break where lines do not count', () => {
  expect(plain('a\nb', { limit }).text).toBe('a⟦U+000A⟧b');
  expect(plain('a\nb', { limit, lines: true }).text).toBe('a\nb');
});

test('shows marks that climb over their neighbours', () => {
  expect(plain(`e${'\u0301'.repeat(5)}`, { limit }).text).toBe(`e${'\u0301'.repeat(3)}⟦U+0301⟧⟦U+0301⟧`);
});

test('is never empty and never blank', () => {
  expect(plain('', { limit }).text).toBe('(empty)');
  expect(plain('  ', { limit }).text).toBe('⟦U+0020⟧⟦U+0020⟧');
});

test('cuts after escaping, by code point, and says how much', () => {
  const cut = mrkdwn('🙂&'.repeat(100), { limit: 60 });
  expect(cut).toMatchObject({
    whole: false,
    text: expect.stringMatching(/^(🙂&amp;)+🙂? ⟦cut: 1\d\d more⟧$/u),
  });
  expect(cut.text.length).toBeLessThanOrEqual(60);
});

test('counts rows, so that padding cannot push the rest out of sight', () => {
  const padded = `DELETE FROM orders${'\n'.repeat(50)}WHERE id = 1`;
  expect(plain(padded, { limit: 3000, rows: 20, lines: true })).toMatchObject({ whole: false });
  expect(plain(`${' '.repeat(90 * 30)}x`, { limit: 3000, rows: 20 })).toMatchObject({ whole: false });
});

describe('for any text', () => {
  test('the limit holds, and nothing is cut without a word', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 60, max: 400 }), fc.boolean(), (source, max, lines) => {
        for (const show of [plain, mrkdwn]) {
          const { text, whole } = show(source, { limit: max, lines });
          expect(show === plain ? escapedLength(text) : text.length).toBeLessThanOrEqual(max);
          expect(text).not.toBe('');
          expect(text.isWellFormed()).toBe(true);
          expect(/⟦cut: \d+ more⟧$/.test(text)).toBe(!whole);
          if (show === mrkdwn) expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
          expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\u200b\u202e]/u);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('two texts that differ are shown differently', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        fc.pre(a !== b && a !== '' && b !== '');
        const show = (text: string) => plain(text, { limit: 100_000, lines: true }).text;
        expect(show(a)).not.toBe(show(b));
      }),
    );
  });

  test('parts are within the limit and together are the whole', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 20, max: 200 }), (source, max) => {
        const parts = plainParts(source, max);
        expect(parts.join('')).toBe(plain(source, { limit: 100_000, lines: true }).text);
        for (const part of parts) expect(escapedLength(part)).toBeLessThanOrEqual(max);
      }),
    );
  });
});
