import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@millimetric/source"] },
  ssr: { resolve: { conditions: ["@millimetric/source"], externalConditions: ["@millimetric/source"] } },
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["../../scripts/test-folder.mjs", "test/unpack-chromium.ts"],
    // On two cores the default is one; many tests wait for a retry, a page or a process.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
