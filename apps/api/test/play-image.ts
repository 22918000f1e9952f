import { deepEqual, equal, ok } from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import process, { env } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { startClickHouse } from "@millimetric/clickhouse-fixture";
import { loadText } from "../src/browser-script/load.ts";

// Usage: node play-image.ts RUN. RUN runs a command in a container of the API's image, with this environment.
// Plays what a deployment does with it: migrate, start, be healthy and ready, take events, answer, stop on SIGTERM.
const [, , run = ""] = process.argv;
const adminToken = "admin-token-of-the-image";
const port = "18787";
const url = `http://127.0.0.1:${port}`;

const clickhouse = await startClickHouse({ user: "mm", password: "secret", database: "mm" });
const variables = {
  ...env,
  NODE_ENV: "production",
  DATA_DIR: "/data",
  PORT: port,
  CLICKHOUSE_URL: clickhouse.url,
  CLICKHOUSE_USER: clickhouse.user,
  CLICKHOUSE_PASSWORD: clickhouse.password,
  CLICKHOUSE_DATABASE: clickhouse.database,
  ADMIN_TOKEN: adminToken,
  KEY_PEPPER: "pepper-of-the-image",
};
const inImage = (...command: string[]) =>
  execFileSync(run, command, { env: variables, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

async function ask(method: string, path: string, token: string, body?: object) {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

async function ready(server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    equal(server.exitCode, null, "the server ended");
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    await wait(100);
  }
  throw new Error("the server does not become ready");
}

/** The image has the browser SDK that the source would give, and no demo. */
async function checkPages(): Promise<void> {
  const script = await fetch(`${url}/v1/a.js`, { headers: { "accept-encoding": "br" } });
  equal(script.headers.get("content-encoding"), "br");
  equal(await script.text(), await loadText());
  equal((await fetch(`${url}/demo`)).status, 404);
}

let server: ChildProcess | undefined;
try {
  equal(inImage("id", "-u"), "1000", "does not run as root");
  equal(inImage("sh", "-c", "touch /tmp/x 2>/dev/null || echo read-only"), "read-only");
  ok(inImage("node", "dist/migrate.js").includes("the schema is current"));

  server = spawn(run, ["node", "dist/server.js"], { env: variables, stdio: "inherit" });
  const ended = once(server, "exit");
  await ready(server);
  inImage("node", "healthcheck.js");
  await checkPages();

  const { keys } = await ask("POST", "/admin/v1/projects", adminToken, { name: "image" });
  const url = "https://shop.example/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring&fbclid=IwAR1";
  const at = (day: string) => `2026-03-${day}T14:00:00.000Z`;
  const visitor = { anonymous_id: "u_abc" };
  await ask("POST", "/v1/track", keys.sk, { event: "$pageview", ...visitor, timestamp: at("01"), url });
  await ask("POST", "/v1/track", keys.sk, { event: "signup", ...visitor, user_id: "user_42", timestamp: at("07") });
  const touch = await ask("GET", "/v1/attribution/first-touch?from=2026-03-01&to=2026-04-01", keys.rk);
  deepEqual(
    touch.rows.map((row: Record<string, string>) => [row["user_id"], row["first_touch_source"], row["first_seen_at"]]),
    [["user_42", "facebook", at("01")]],
  );

  server.kill("SIGTERM");
  const [code] = await ended;
  equal(code, 0, "ends cleanly on SIGTERM");
  process.stdout.write("the image serves the story with a read-only root, and stops cleanly\n");
} finally {
  server?.kill("SIGKILL");
  await clickhouse.stop();
}
