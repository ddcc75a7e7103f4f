/** JSON Schemas of the two files, by which editors complete and check them; a test holds them to what is parsed. */
import { z } from 'zod';
import { directorySchema } from './directory-file.ts';
import { policySchema } from './policy-file.ts';

/** Draft 7, which is what editors know best, by the name of its file in policy/schema/. */
export const JSON_SCHEMAS = {
  'policy.schema.json': schemaOf(policySchema, 'policy.yaml of Assent'),
  'directory.schema.json': schemaOf(directorySchema, 'directory.yaml of Assent'),
} as const;

function schemaOf(schema: z.ZodType, title: string) {
  return { title, ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) };
}
