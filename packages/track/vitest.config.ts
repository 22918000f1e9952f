import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@millimetric/source"] },
  ssr: { resolve: { conditions: ["@millimetric/source"], externalConditions: ["@millimetric/source"] } },
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"] },
});
