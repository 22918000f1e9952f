/** Tells the developer, in the page's console; the page itself goes on. */
export function warn(...what: unknown[]): undefined {
  // biome-ignore lint/suspicious/noConsole: there is nowhere else to tell it.
  console.warn("[millimetric]", ...what);
}
