import { minify } from "terser";
import { defineConfig, type Rolldown, type UserConfig } from "tsdown";

/** After the bundler's own minifier: gzipped, it saves another 3 %. */
const terser: Rolldown.Plugin = {
  name: "terser",
  async generateBundle({ format }, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== "chunk" || !chunk.fileName.endsWith(".js")) continue;
      const { code } = await minify(chunk.code, {
        module: true,
        ecma: 2020,
        compress: { passes: 3, unsafe_arrows: true, pure_getters: true },
        // Which calls the bundlers of others may leave out.
        format: { preserve_annotations: format === "es" },
      });
      chunk.code = code ?? chunk.code;
    }
  },
};

const shared = {
  platform: "browser",
  // Of 2021: newer syntax would cost some visitors the SDK, older some bytes.
  target: "es2021",
  inputOptions: { resolve: { conditionNames: ["@millimetric/source"] } },
  minify: true,
  plugins: [terser],
} satisfies UserConfig;

export default defineConfig([
  { ...shared, entry: ["src/index.ts"], format: "esm", dts: true, fixedExtension: false },
  {
    ...shared,
    entry: { a: "src/a.ts" },
    format: "iife",
    dts: false,
    clean: false,
    outputOptions: { entryFileNames: "[name].js" },
  },
]);
