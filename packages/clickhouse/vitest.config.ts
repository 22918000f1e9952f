import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@millimetric/source"] },
  ssr: { resolve: { conditions: ["@millimetric/source"], externalConditions: ["@millimetric/source"] } },
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: "../../scripts/test-folder.mjs",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
  },
});
