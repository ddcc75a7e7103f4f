/** `npm run schemas`: writes the JSON Schemas of policy.yaml and directory.yaml, which are kept beside their rooms. */
import { writeFile } from 'node:fs/promises';
import { JSON_SCHEMAS } from '../policy/json-schema.ts';

for (const [file, schema] of Object.entries(JSON_SCHEMAS)) {
  const place = new URL(`../policy/schema/${file}`, import.meta.url);
  await writeFile(place, `${JSON.stringify(schema, null, 2)}\n`);
}
