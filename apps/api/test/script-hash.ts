import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { loadText } from "../src/browser-script/load.ts";
import { makeScript } from "../src/browser-script/script.ts";
import { scriptTag } from "../src/cli/script-tag.ts";

// Writes the tag with the present hash into docs/frameworks.md:  pnpm --filter @millimetric/api script-hash
const file = fileURLToPath(new URL("../../../docs/frameworks.md", import.meta.url));
const block = /(<!-- script: .*-->\n)[\s\S]*?(<!-- \/script -->)/;

/** The page as it is, and as it should be. */
export async function pinnedTag(): Promise<{ is: string; shouldBe: string }> {
  const is = readFileSync(file, "utf8");
  const script = await makeScript(await loadText());
  const tag = scriptTag("https://analytics.example.com", script, "pk_live_…");
  return {
    is,
    shouldBe: is.replace(block, (_, start: string, end: string) => `${start}\n\`\`\`html\n${tag}\n\`\`\`\n\n${end}`),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, (await pinnedTag()).shouldBe);
