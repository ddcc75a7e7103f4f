/** The body of a request: the bytes that are sent, from the input alone. */
import { z } from 'zod';
import { canonicalize } from '../../approval/canonical-json.ts';

const MAX_BODY = 64 * 1024;

const shape = z.union([z.strictObject({ json: z.json() }), z.strictObject({ text: z.string() }), z.null()], {
  error: 'write {json: …}, {text: …} or null',
});

export type Body = z.infer<typeof shape>;

export const bodySchema = shape.refine((body) => contentOf(body).byteLength <= MAX_BODY, {
  error: `has more than ${MAX_BODY} bytes`,
});

/** JSON as RFC 8785 writes it, text as UTF-8. */
export function contentOf(body: Body): Buffer {
  if (body === null) return Buffer.alloc(0);
  return Buffer.from('json' in body ? canonicalize(body.json) : body.text);
}

/** Where the request's headers name none; null without a body. */
export function typeOf(body: Body): string | null {
  if (body === null) return null;
  return 'json' in body ? 'application/json' : 'text/plain; charset=utf-8';
}
