import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/server.ts", "src/migrate.ts", "src/cli.ts"],
  format: "esm",
  fixedExtension: false,
  platform: "node",
  target: "node24",
});
