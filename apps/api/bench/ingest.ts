import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import autocannon from "autocannon";
import { eventRow } from "../src/ingest/event-row.ts";

const seconds = 8;
const rounds = 3;

const event = () => ({
  event: "$pageview",
  event_id: randomUUID(),
  anonymous_id: `visitor-${Math.floor(Math.random() * 20_000)}`,
  url: "https://shop.example/pricing?utm_source=facebook&utm_medium=cpc&utm_campaign=spring",
  referrer: "https://www.facebook.com/",
  properties: { plan: "pro", amount_cents: 4900 },
});

async function serve(kind: string): Promise<{ child: ChildProcess; url: string; key: string }> {
  const file = fileURLToPath(new URL("./servers.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@millimetric/source", file, kind], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) };
  throw new Error(`the ${kind} server did not start`);
}

/** Answered requests per second, and the 99th percentile of their time in milliseconds. */
async function load(server: { url: string; key: string }, path: string, connections: number, body: () => unknown) {
  const result = await autocannon({
    url: server.url,
    connections,
    duration: seconds,
    requests: [
      {
        method: "POST",
        path,
        headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
        setupRequest: (request) => ({ ...request, body: JSON.stringify(body()) }),
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} errors`);
  return { perSecond: result["2xx"] / result.duration, p99: result.latency.p99 };
}

/** Events per second of @clickhouse/client alone, inserting batches of `size` one after the other. */
async function insertAlone(size: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  const clickhouse = await openEmbeddedClickHouse(folder);
  await migrate(clickhouse);
  const envelope = { key_prefix: "bench", project_id: "bench", env: "live", receivedAt: Date.now() } as const;
  let events = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    const lines = Array.from({ length: size }, () => eventRow(event(), { ...envelope, userAgent: undefined }).line);
    await clickhouse.insert({ table: "events_v1", lines, token: randomUUID() });
    events += size;
  }
  const rate = events / ((performance.now() - start) / 1000);
  await clickhouse.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const whole = (value: number) => Math.round(value).toLocaleString("en");

/** SPEC 10, first two rows: rates of one run, and their ratios. */
export async function benchIngest(): Promise<void> {
  const empty = await serve("empty");
  const platform = await serve("platform");
  const results = { empty: [], track: [], batch: [], alone: [] } as Record<
    "empty" | "track" | "batch" | "alone",
    number[]
  >;
  const p99: number[] = [];
  await load(platform, "/v1/track", 128, event);
  for (let round = 0; round < rounds; round++) {
    results.empty.push((await load(empty, "/v1/track", 128, event)).perSecond);
    const track = await load(platform, "/v1/track", 128, event);
    results.track.push(track.perSecond);
    p99.push(track.p99);
    const hundred = () => ({ events: Array.from({ length: 100 }, event) });
    results.batch.push((await load(platform, "/v1/batch", 8, hundred)).perSecond * 100);
    results.alone.push(await insertAlone(100));
  }
  platform.child.kill();
  empty.child.kill();
  const [none, track, batch, alone] = [results.empty, results.track, results.batch, results.alone].map(median);
  console.log(`
ingest, ${rounds} rounds of ${seconds} s, medians
  empty Fastify route          ${whole(none ?? 0)} requests/s
  POST /v1/track, durable      ${whole(track ?? 0)} requests/s   p99 ${median(p99)} ms   ratio ${((track ?? 0) / (none ?? 1)).toFixed(2)}
  client alone, blocks of 100  ${whole(alone ?? 0)} events/s
  POST /v1/batch of 100        ${whole(batch ?? 0)} events/s   ratio ${((batch ?? 0) / (alone ?? 1)).toFixed(2)}`);
}
