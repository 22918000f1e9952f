/** Looks one configuration key up, as the text it is stored as (lists are JSON). */
export type Lookup = (key: string) => string | undefined;

/** Reads keys one by one and keeps every problem, so that all of them are told at once. */
export class ConfigReader {
  readonly problems: string[] = [];
  readonly #lookup: Lookup;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  /** The stored text, or `undefined` when the key is unset or empty. */
  optional(key: string): string | undefined {
    const value = this.#lookup(key)?.trim();
    return value === "" ? undefined : value;
  }

  problem(key: string, text: string): void {
    this.problems.push(`${key} ${text}`);
  }

  matching(key: string, pattern: RegExp, shape: string): string | undefined {
    const value = this.optional(key);
    if (value === undefined || pattern.test(value)) return value;
    this.problem(key, `is ${JSON.stringify(value)}, but must be ${shape}`);
    return undefined;
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.optional(key);
    if (value === undefined) {
      this.problem(key, `is missing: choose one of ${choices.join(", ")}`);
      return undefined;
    }
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.problem(key, `is ${JSON.stringify(value)}, but must be one of ${choices.join(", ")}`);
    return found;
  }

  integer(key: string, fallback: number, range: { min: number; max: number }): number {
    const value = this.optional(key);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= range.min && number <= range.max) return number;
    this.problem(key, `is ${JSON.stringify(value)}, but must be a whole number from ${range.min} to ${range.max}`);
    return fallback;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.optional(key);
    if (value === undefined) return fallback;
    if (value === "true" || value === "false") return value === "true";
    this.problem(key, `is ${JSON.stringify(value)}, but must be true or false`);
    return fallback;
  }

  list(key: string): readonly string[] | undefined {
    const value = this.optional(key);
    if (value === undefined) return undefined;
    const items = parseJson(value);
    if (Array.isArray(items) && items.every((item) => typeof item === "string")) return items;
    this.problem(key, "must be a list of texts");
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
