const accidents = new Set([
  "null",
  "undefined",
  "nan",
  "none",
  "[object object]",
  "true",
  "false",
  "guest",
  "anonymous",
  "",
]);

/**
 * Why an id cannot identify anybody, or `undefined` when it can: empty, white space, a stringified accident
 * (`undefined`, `[object Object]`, …, any case), or nothing but zeros (SPEC 5.4).
 */
export function idProblem(id: string): string | undefined {
  const bare = id.trim().toLowerCase();
  if (bare === "") return "is empty";
  if (accidents.has(bare)) return `is "${bare}", which is an accident and not an identity`;
  if (/^[0-]+$/.test(bare)) return "is all zeros, which is an accident and not an identity";
  return undefined;
}
