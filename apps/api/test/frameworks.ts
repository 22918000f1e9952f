import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";

// Each framework's own compiler, as its bundler plugin would call it.

function compileVue(code: string, filename: string): string {
  const hasScript = code.includes("<script");
  const whole = hasScript ? code : `<script setup></script>\n${code}`;
  const { descriptor } = parse(whole, { filename, ignoreEmpty: false });
  const { content } = compileScript(descriptor, { id: filename, inlineTemplate: true, genDefaultAs: "component" });
  return `${content}\nexport default component;`;
}

const compilers = {
  ".vue": { compile: compileVue, moduleType: "ts" },
  ".svelte": { compile: (code: string, filename: string) => compile(code, { filename }).js.code, moduleType: "js" },
} as const;

/** One file for the browser, of an entry in a folder of snippets. `defined`: expressions and what stands for them. */
export async function bundleFor(folder: string, entry: string, defined: Record<string, string>): Promise<string> {
  const bundle = await rolldown({
    input: join(folder, entry),
    platform: "browser",
    resolve: { conditionNames: ["@millimetric/source", "browser", "production", "import", "default"] },
    transform: { define: { "process.env.NODE_ENV": '"production"', ...defined }, jsx: "react-jsx" },
    logLevel: "silent",
    plugins: [
      {
        name: "components",
        load(path) {
          const extension = path.slice(path.lastIndexOf("."));
          if (extension !== ".vue" && extension !== ".svelte") return null;
          const { compile: compileTo, moduleType } = compilers[extension];
          return { code: compileTo(readFileSync(path, "utf8"), path), moduleType };
        },
      },
    ],
  });
  const { output } = await bundle.generate({ format: "iife" });
  await bundle.close();
  return output[0].code;
}
