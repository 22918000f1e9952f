/**
 * What of a request the API needs, and nothing else: no cookie, no header of the connection, none that a proxy in front sets, and no
 * `Authorization` of the site itself.
 */
const forwarded = ["content-type", "content-encoding", "origin", "user-agent", "if-none-match"];

const answered = ["content-type", "cache-control", "etag", "retry-after"];

const publicKey = /^pk_(live|test)_[0-9A-Za-z]{8}_[0-9A-Za-z]{32,128}$/;
const address = /^[0-9a-fA-F:.]{2,45}$/;

export function requestHeaders(from: Headers, clientAddress: string | undefined): Headers {
  const headers = pick(from, forwarded);
  const [, key = ""] = /^Bearer +(\S+)$/i.exec(from.get("authorization") ?? "") ?? [];
  if (publicKey.test(key)) headers.set("authorization", `Bearer ${key}`);
  if (clientAddress !== undefined && address.test(clientAddress)) headers.set("x-forwarded-for", clientAddress);
  return headers;
}

export const responseHeaders = (from: Headers) => pick(from, answered);

/** The part of an address' query that the API reads of browsers: `?key=pk_…`. */
export function queryOf(parameters: URLSearchParams): string {
  const key = parameters.get("key") ?? "";
  return publicKey.test(key) ? `?key=${key}` : "";
}

function pick(from: Headers, names: readonly string[]): Headers {
  const values = names.flatMap((name): [string, string][] => {
    const value = from.get(name);
    return value === null ? [] : [[name, value]];
  });
  return new Headers(values);
}
