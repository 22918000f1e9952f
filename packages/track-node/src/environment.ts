/**
 * The first of these environment variables that is set: the only reader of the environment. Where there is none, or Deno denies it,
 * nothing is set.
 */
export function fromEnvironment(...names: string[]): string | undefined {
  try {
    // biome-ignore lint/style/noProcessEnv: this function is the one place that reads it.
    return names.map((name) => globalThis.process.env[name]).find((value) => value !== undefined && value !== "");
  } catch {
    return undefined;
  }
}
