/** The methods that can be asked for. CONNECT, TRACE and OPTIONS are for those who look after the connection. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** A body of any other has no meaning that servers agree on (RFC 9110, 9.3). */
export const WITH_BODY: ReadonlySet<Method> = new Set(['POST', 'PUT', 'PATCH']);

/** Asked again elsewhere, these change nothing (RFC 9110, 9.2.1): only their redirects are followed. */
export const FOLLOWING: ReadonlySet<Method> = new Set(['GET', 'HEAD']);
