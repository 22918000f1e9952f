import { readFileSync } from "node:fs";

const cache = new Map<string, string>();

/** The text of a query beside this file, e.g. `loadSql("first-touch")`. */
export function loadSql(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const sql = readFileSync(new URL(`./${name}.sql`, import.meta.url), "utf8");
  cache.set(name, sql);
  return sql;
}
