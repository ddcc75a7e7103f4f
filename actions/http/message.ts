/** The message that a request would be on the wire, from the input alone; secrets are still only named. */
import { type Body, contentOf, typeOf } from './body.ts';
import { type Headers, secretsOf } from './headers.ts';
import { type Method, WITH_BODY } from './method.ts';
import { type Place, readUrl } from './url.ts';

export interface Message {
  readonly method: Method;
  readonly place: Place;
  /** Every header that is sent, by lower-case name. */
  readonly headers: Headers;
  readonly secrets: readonly string[];
  readonly content: Uint8Array;
  /** Media type of the content; null without a body. */
  readonly type: string | null;
}

export interface Asked {
  readonly method: Method;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Body;
}

/** @throws AssentError `url_refused` */
export function messageOf({ method, url, headers: asked, body }: Asked): Message {
  const place = readUrl(url);
  const content = contentOf(body);
  const standard = typeOf(body);
  const headers: Headers = {
    'user-agent': 'assent',
    accept: '*/*',
    ...(standard === null ? {} : { 'content-type': standard }),
    ...asked,
    host: new URL(url).host,
    connection: 'close',
    // Nothing is ever decompressed.
    'accept-encoding': 'identity',
    ...(WITH_BODY.has(method) ? { 'content-length': String(content.byteLength) } : {}),
  };
  const type = headers['content-type'];
  return {
    method,
    place,
    headers,
    secrets: secretsOf(asked),
    content,
    type: typeof type === 'string' ? type : null,
  };
}

/** The same question at another place: by origin, as nothing but what is accepted may go to another host. */
export function movedTo({ method, headers, place: from }: Message, url: string): Message {
  const place = readUrl(url);
  const same = place.scheme === from.scheme && place.host === from.host && place.port === from.port;
  const { accept } = headers;
  const kept = same ? ownHeaders(headers) : typeof accept === 'string' ? { accept } : {};
  return messageOf({ method, url, headers: kept, body: null });
}

function ownHeaders({ host: _host, connection: _connection, ...rest }: Headers): Headers {
  return rest;
}
