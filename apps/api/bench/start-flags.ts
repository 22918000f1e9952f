import { readFileSync } from "node:fs";

const { scripts } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

/** V8's flags of `npm start`. */
export const startFlags: readonly string[] = String(scripts.platform).match(/--max-semi-space-size=\d+/g) ?? [];
