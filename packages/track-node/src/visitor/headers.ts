/** Headers of a request: a `Headers` object, or what Node's servers have. */
export type RequestHeaders =
  | { get(name: string): string | null }
  | { readonly [name: string]: string | readonly string[] | undefined };

/** The value of a header by its lower-case name; empty when there is none. */
export function header(headers: RequestHeaders, name: string): string {
  if (typeof headers.get === "function") return headers.get(name) ?? "";
  const value = (headers as Record<string, string | readonly string[] | undefined>)[name];
  return typeof value === "string" ? value : (value ?? []).join(name === "cookie" ? "; " : ", ");
}

/** Whether the visitor objects to being followed: Global Privacy Control, or Do Not Track. */
export function objects(headers: RequestHeaders): boolean {
  return header(headers, "sec-gpc").trim() === "1" || header(headers, "dnt").trim() === "1";
}

/** Whether a page is asked for, and not something that a page loads: those come many at a time. */
export function asksForPage(headers: RequestHeaders): boolean {
  const destination = header(headers, "sec-fetch-dest");
  return destination === "" ? header(headers, "accept").includes("text/html") : destination === "document";
}
