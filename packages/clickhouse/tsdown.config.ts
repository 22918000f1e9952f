import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  fixedExtension: false,
  platform: "node",
  target: "node24",
  dts: true,
  // Files stay where they are, so that the .sql beside each query is found as it is in the source.
  unbundle: true,
  copy: [{ from: "src/queries/*.sql", to: "dist/queries" }],
});
