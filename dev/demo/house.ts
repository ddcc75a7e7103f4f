/** What operators do: they edit the directory while everything runs, and speak with keys of their own. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { AssentError } from '../../approval/error.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import { type Order, type Person, sayInstruction } from '../../client/person.ts';
import type { Heard } from '../../client/speak.ts';
import { AUDIENCE } from '../files.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** Says anew who is in a group; every process reads the directory again by itself. */
export async function setGroup({ stack }: World, group: string, people: readonly string[]): Promise<void> {
  await editDirectory(stack.files.directory, (directory) => directory.setIn(['groups', group], people));
}

/** Gives somebody a new key of their own, and enters it in the directory. */
export async function giveKey({ stack }: World, person: string): Promise<Person> {
  const { signing } = generateSigningKey(person);
  await editDirectory(stack.files.directory, (directory) =>
    directory.setIn(['people', person, 'keys'], [signing.verifier.text]),
  );
  return { person, key: signing, gateway: new URL(stack.gateway) };
}

/** Says it to the gateway, as the command line does; until the gateway has read of the key, it knows nobody by it. */
export async function say(order: Order, speaker: Person): Promise<Heard | undefined> {
  return until(async () => {
    try {
      return await sayInstruction(order, AUDIENCE, speaker, Date.now());
    } catch (error) {
      if (error instanceof AssentError && error.code === 'key_unknown') return undefined;
      throw error;
    }
  });
}

/** As an editor does: the whole file at once, and never half of it. */
async function editDirectory(
  file: string,
  edit: (directory: ReturnType<typeof parseDocument>) => void,
): Promise<void> {
  const directory = parseDocument(await readFile(file, 'utf8'));
  edit(directory);
  await writeFile(`${file}.new`, directory.toString(), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
