import { defineConfig, type UserConfig } from "tsdown";

const shared = {
  platform: "browser",
  // Of 2021: newer syntax would cost some visitors the SDK, older some bytes.
  target: "es2021",
  minify: true,
  inputOptions: { resolve: { conditionNames: ["@millimetric/source"] } },
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
