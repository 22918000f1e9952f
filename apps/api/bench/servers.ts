import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Accepted, Event } from "@millimetric/contracts";
import Fastify from "fastify";
import { readConfig } from "../src/config.ts";
import { createPlatform } from "../src/platform.ts";

// A process that serves one contestant and says where:  servers.ts empty | platform
const [kind] = process.argv.slice(2);
const say = (ready: { url: string; key: string }) => process.stdout.write(`${JSON.stringify(ready)}\n`);

if (kind === "empty") {
  const app = Fastify();
  app.post("/v1/track", { schema: { body: Event, response: { 202: Accepted } } }, (_request, reply) =>
    reply.status(202).send({ ok: true, event_id: "0198c0de-0000-7000-8000-000000000000" }),
  );
  say({ url: await app.listen({ port: 0, host: "127.0.0.1" }), key: "none" });
} else {
  const dataDir = mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  process.on("SIGTERM", () => process.exit());
  // One generator stands for many senders, and other work on the machine is no overload.
  const limits = {
    RATE_LIMIT_ADDRESS_PER_SECOND: "1000000",
    RATE_LIMIT_KEY_PER_SECOND: "1000000",
    MAX_EVENT_LOOP_DELAY_MS: "10000",
  };
  const platform = await createPlatform(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: "silent", ...limits }));
  const url = await platform.app.listen({ port: 0, host: "127.0.0.1" });
  const { project_id } = await platform.controlPlane.createProject({ name: "bench", allowed_origins: [] });
  const { key } = await platform.controlPlane.createKey({ project_id, kind: "sk", env: "live", label: "" });
  say({ url, key });
}
