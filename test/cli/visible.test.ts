import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { field, table, wrap } from '../../cli/layout.ts';
import { visible, visibleJson, visibleLines } from '../../cli/visible.ts';
import { widthOf } from './terminal.ts';

describe('visible', () => {
  test.for<[string, string]>([
    ['plain text, Ærlig talt – «ja» 日本 🎉', 'plain text, Ærlig talt – «ja» 日本 🎉'],
    ['\u001b[31mred\u0007', '⟦U+001B⟧[31mred⟦U+0007⟧'],
    ['C1 \u009b31m', 'C1 ⟦U+009B⟧31m'],
    ['a\u202egnp.exe', 'a⟦U+202E⟧gnp.exe'],
    ['zero\u200bwidth\ufeff', 'zero⟦U+200B⟧width⟦U+FEFF⟧'],
    ['tag \u{e0041}', 'tag ⟦U+E0041⟧'],
    ['no-break\u00a0space', 'no-break⟦U+00A0⟧space'],
    ['lone \ud800', 'lone ⟦U+D800⟧'],
    ['line\nbreak\r', 'line⟦U+000A⟧break⟦U+000D⟧'],
    ['⟦U+0041⟧', '⟦U+27E6⟧U+0041⟧'],
    ['e\u0301', 'e\u0301'],
    ['z\u0301\u0302\u0303\u0304', 'z\u0301\u0302\u0303⟦U+0304⟧'],
  ])('%j', ([text, shown]) => {
    expect(visible(text)).toBe(shown);
  });

  test('lets nothing through that a terminal would act on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('keeps line breaks where they are wanted', () => {
    expect(visibleLines('a\nb\u001bc')).toEqual(['a', 'b⟦U+001B⟧c']);
  });
});

test('visibleJson is the very same value, with nothing invisible in it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, stringUnit: 'binary' }), (value) => {
      const text = visibleJson(value);
      expect(text).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

describe('layout', () => {
  test('wraps at blanks, and breaks a word that is longer than a line', () => {
    expect(wrap('aaa bbb ccc', 30)).toEqual(['aaa bbb ccc']);
    expect(wrap('one two three four five', 20, 0)).toEqual(['one two three four', 'five']);
    expect(wrap('x'.repeat(45), 24, 4)).toEqual([
      `    ${'x'.repeat(20)}`,
      `    ${'x'.repeat(20)}`,
      '    xxxxx',
    ]);
  });

  test('loses no word', () => {
    const word = fc.stringMatching(/^[a-z]{1,40}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 30, max: 100 }), (words, columns) => {
        const lines = wrap(words.join(' '), columns, 6);
        expect(widthOf(lines.join('\n'))).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      }),
    );
  });

  test('a field wraps beside its name', () => {
    expect(field('Reason', 'one two three four five six', 30)).toEqual([
      'Reason    one two three four',
      '          five six',
    ]);
    expect(field('Reason', '', 30)).toEqual(['Reason']);
  });

  test('a table fits, and says where it was cut', () => {
    const rows = [
      ['ID', 'ACTION'],
      ['3f2a', 'x'.repeat(40)],
    ];
    expect(table(rows, 20)).toEqual(['ID    ACTION', `3f2a  ${'x'.repeat(13)}…`]);
  });
});
