/** The story's claims: printed when true, and the end of it at the first that is not. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createStory, together } from '../../dev/demo/story.ts';

function aStory() {
  const out = new PassThrough();
  return { story: createStory(out), told: () => String(out.read() ?? '') };
}

test('a true claim is told and counted, whatever it compares', async () => {
  const { story, told } = aStory();
  await story.claim('One and one are two.', () => ({ expected: { sum: [2] }, found: { sum: [1 + 1] } }));
  await story.claim('The world is there.', async () => ({ expected: true, found: true }));
  expect(told()).toBe('   ✓ One and one are two.\n   ✓ The world is there.\n');
  expect(story.claims()).toBe(2);
});

test('an untrue claim ends the story, with what was expected and what was found', async () => {
  const { story, told } = aStory();
  const claim = story.claim('Nothing ran.', () => ({ expected: [], found: ['a.csv'] }));
  await expect(claim).rejects.toMatchObject({
    code: 'claim_untrue',
    message: 'This is not true: Nothing ran.',
    evidence: { expected: [], found: ['a.csv'] },
  });
  expect(told()).toBe(`   ✗ Nothing ran.\n       expected  []\n       found     [ 'a.csv' ]\n`);
  expect(story.claims()).toBe(0);
});

test('a claim whose parts cannot be looked at is not true', async () => {
  const { story, told } = aStory();
  const claim = story.claim('The file is there.', () => Promise.reject(new Error('no such file')));
  await expect(claim).rejects.toMatchObject({ code: 'claim_untrue' });
  expect(told()).toContain('Error: no such file');
});

test('several findings together are true only where each of them is', async () => {
  const { story } = aStory();
  const [yes, no] = [
    { expected: 1, found: 1 },
    { expected: 1, found: 2 },
  ];
  await story.claim('Both.', () => together(yes, yes));
  await expect(story.claim('Both.', () => together(yes, no))).rejects.toMatchObject({ code: 'claim_untrue' });
  await expect(story.claim('Both.', () => together(no, yes))).rejects.toMatchObject({ code: 'claim_untrue' });
});

test('every line but a long word’s has at most 80 columns, and no two blank lines follow each other', async () => {
  const { story, told } = aStory();
  const words = 'It goes on and on, and nobody knows whether it will ever come to an end. '.repeat(5).trim();
  story.act(words);
  story.say(words);
  story.say(words);
  await story.claim(words, () => ({ expected: 1, found: 1 }));
  const text = told();
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text).not.toContain('\n\n\n');
  expect(text.replaceAll(/\s+/g, ' ').split(words)).toHaveLength(5);
});
