import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../actions/sql/csv.ts';

/** RFC 4180 read the other way, a character at a time; null where a field is empty and unquoted. */
function readLine(text: string): (string | null)[] {
  const cells: (string | null)[] = [];
  let at = 0;
  while (true) {
    if (text[at] === '"') {
      let cell = '';
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        cell += text[at];
        if (text[at] === '"') at++;
      }
      cells.push(cell);
      at++;
    } else {
      const end = text.slice(at).search(/,|\r\n/);
      cells.push(end === 0 ? null : text.slice(at, at + end));
      at += end;
    }
    if (text.startsWith('\r\n', at)) {
      expect(at + 2).toBe(text.length);
      return cells;
    }
    at++;
  }
}

const cell = fc.option(
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', '=', '+', '-', '@', '1', '\t', 'é') }),
);

describe('a line of CSV', () => {
  it('reads back as what was written, but for an apostrophe before formulas', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
        const { text, defused } = csvLine(cells);
        const read = readLine(text);
        expect(read).toHaveLength(cells.length);
        const changed = read.filter((value, index) => value !== cells[index]);
        expect(changed).toHaveLength(defused);
        for (const [index, value] of read.entries()) {
          if (value !== cells[index]) expect(value).toBe(`'${cells[index]}`);
        }
      }),
    );
  });

  it.each(['=1', '@a', '+a', '-a', '\t=1', '\r=1', '\n=1', '＝1', '-2+3+cmd', "+1|'x'!A0", '-infinity'])(
    'defuses %j',
    (formula) => {
      expect(csvLine([formula]).defused).toBe(1);
    },
  );

  it.each(['-1', '+1', '-1.5e-10', '+49 (555) 01-02', '1=1', 'a@b', "'=1", ''])(
    'leaves %j as it is',
    (text) => {
      expect(csvLine([text])).toEqual({ text: text === '' ? '""\r\n' : `${text}\r\n`, defused: 0 });
    },
  );

  it('tells no value from an empty text', () => {
    expect(csvLine([null, '']).text).toBe(',""\r\n');
  });
});
