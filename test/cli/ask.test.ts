/** The question at a terminal, and whoever leaves without an answer. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { asker } from '../../cli/ask.ts';

test('asks, and takes the line that is typed; one question after the other', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const ask = asker(input, output);
  const first = ask('Sure? ');
  input.write('y\n');
  await expect(first).resolves.toBe('y');
  const second = ask('Really? ');
  input.write(' no\n');
  await expect(second).resolves.toBe(' no');
  output.end();
  expect(await text(output)).toContain('Sure? Really? ');
});

test('whoever leaves has said nothing', async () => {
  const input = new PassThrough();
  const asked = asker(input, new PassThrough())('Sure? ');
  input.end();
  await expect(asked).rejects.toMatchObject({ code: 'not_confirmed' });
});
