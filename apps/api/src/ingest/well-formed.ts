const deepest = 64;

/**
 * Why a parsed JSON value cannot be stored as it is, or `undefined`: nested deeper than 64, text that is not Unicode (a lone
 * surrogate), a NUL byte, or the key `__proto__`.
 */
export function textProblem(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return stringProblem(value);
  if (typeof value !== "object" || value === null) return undefined;
  if (depth >= deepest) return `is nested deeper than ${deepest}`;
  const inside = value as Record<string, unknown>;
  for (const key in inside) {
    const problem =
      key === "__proto__" ? "has the key __proto__" : (stringProblem(key) ?? textProblem(inside[key], depth + 1));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function stringProblem(text: string): string | undefined {
  if (text.includes("\0")) return "has text with a NUL byte";
  return text.isWellFormed() ? undefined : "has text that is not valid Unicode";
}
