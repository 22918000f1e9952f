import { idProblem, limits, visitorCookie } from "@millimetric/contracts";

const { name, path, sameSite } = visitorCookie;

/** The visitor's id in each `aid` cookie of a `Cookie` header, in its order; what is no id is left out. */
export function idsIn(cookieHeader: string): string[] {
  return cookieHeader.split(";").flatMap((pair) => {
    const equals = pair.indexOf("=");
    if (pair.slice(0, equals).trim() !== name) return [];
    const id = decoded(
      pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1"),
    );
    return id === undefined || !isVisitorId(id) ? [] : [id];
  });
}

/** Whether the API would take it as `anonymous_id`. */
export function isVisitorId(id: string): boolean {
  // Control characters are nobody's id, and would break the log of whoever prints one.
  const control = /\p{Cc}/u;
  return id.length <= limits.anonymousId && idProblem(id) === undefined && id.isWellFormed() && !control.test(id);
}

export interface CookieAttributes {
  domain: string | undefined;
  secure: boolean;
  maxAgeSeconds: number;
}

/** A `Set-Cookie` value. Scripts may read it: the browser SDK uses the same id. */
export function setCookie(id: string, { domain, secure, maxAgeSeconds }: CookieAttributes): string {
  const attributes = [
    `${name}=${encodeURIComponent(id)}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    `Max-Age=${maxAgeSeconds}`,
    `SameSite=${sameSite}`,
    ...(secure ? ["Secure"] : []),
  ];
  return attributes.join("; ");
}

/** A `Cookie` header in which the `aid` cookie is this one. */
export function withId(cookieHeader: string, id: string): string {
  const others = cookieHeader.split(";").filter((pair) => pair.trim() !== "" && pair.split("=")[0]?.trim() !== name);
  return [...others.map((pair) => pair.trim()), `${name}=${encodeURIComponent(id)}`].join("; ");
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
