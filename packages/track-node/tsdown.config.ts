import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/visitor.ts", "src/proxy.ts", "src/express.ts", "src/fastify.ts"],
  format: "esm",
  fixedExtension: false,
  platform: "node",
  target: "node20",
  dts: true,
  inputOptions: { resolve: { conditionNames: ["@millimetric/source"] } },
});
