import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import { uuid } from "../src/ids.ts";
import { eventRow } from "../src/ingest/event-row.ts";
import { rowColumns } from "../src/ingest/row-line.ts";
import { batchOf, eventBody } from "./bodies.ts";
import { type Load, load } from "./load.ts";
import { startFlags } from "./start-flags.ts";

const seconds = 6;
const rounds = 5;
/** A group is as large as the requests that wait, so what an event costs depends on how many senders there are at once. */
const senders = [512, 2_048, 4_096];
const batchSenders = 8;

interface Contestant {
  child: ChildProcess;
  url: string;
  key: string;
}

async function serve(kind: string): Promise<Contestant> {
  const file = fileURLToPath(new URL("./servers.ts", import.meta.url));
  const flags = [...startFlags, "--conditions=@millimetric/source"];
  const child = spawn(process.execPath, [...flags, file, kind], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) };
  throw new Error(`the ${kind} server did not start`);
}

/** Milliseconds of CPU that a process took until now, on all its threads; Linux counts them in hundredths of a second. */
function cpuOf({ pid }: ChildProcess): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ");
  const [user = 0, system = 0] = rest.split(" ").slice(11, 13).map(Number);
  return (user + system) * 10;
}

interface Measured extends Load {
  /** Microseconds of CPU that the server took for each request. */
  cpu: number;
}

async function accepted(server: Contestant, path: string, count: number, body: string): Promise<Measured> {
  const before = cpuOf(server.child);
  const result = await load({ url: server.url, key: server.key, path, connections: count, seconds, body });
  const refused = Object.keys(result.statuses).filter((status) => status !== "202");
  if (refused.length > 0) throw new Error(`some were answered ${refused.join(", ")}`);
  const cpu = (1000 * (cpuOf(server.child) - before)) / (result.statuses["202"] ?? Number.NaN);
  return { ...result, cpu };
}

/** Events per second of @clickhouse/client alone, inserting batches of `size` one after the other. */
async function insertAlone(size: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  const clickhouse = await openEmbeddedClickHouse(folder);
  await migrate(clickhouse);
  const envelope = { key_prefix: "bench", project_id: "bench", env: "live" } as const;
  let events = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    const lines = Array.from({ length: size }, () => {
      const event = { ...JSON.parse(eventBody), event_id: uuid() };
      return eventRow(event, { ...envelope, receivedAt: Date.now() }).line;
    });
    await clickhouse.insert({ table: "events_v1", columns: rowColumns, lines, token: randomUUID() });
    events += size;
  }
  const rate = events / ((performance.now() - start) / 1000);
  await clickhouse.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const whole = (value: number) => Math.round(value).toLocaleString("en");

/** SPEC 10, first two rows: rates of one run, and the ratios of neighbours in it, so that what else runs here weighs on both. */
export async function benchIngest(): Promise<void> {
  const empty = await serve("empty");
  const platform = await serve("platform");
  const batch = batchOf(100);
  console.log(`\ningest, ${rounds} rounds of ${seconds} s, medians`);
  for (const count of senders) await benchTrack(empty, platform, count);
  const hundreds: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < rounds; round++) {
    hundreds.push((await accepted(platform, "/v1/batch", batchSenders, batch)).perSecond * 100);
    alone.push(await insertAlone(100));
  }
  platform.child.kill();
  empty.child.kill();
  const ratio = (median(hundreds) / median(alone)).toFixed(2);
  console.log(`  client alone, blocks of 100            ${whole(median(alone))} events/s
  POST /v1/batch of 100, ${batchSenders} connections   ${whole(median(hundreds))} events/s   ratio ${ratio}`);
}

async function benchTrack(empty: Contestant, platform: Contestant, count: number): Promise<void> {
  const none: Measured[] = [];
  const track: Measured[] = [];
  // The first ones warm up.
  for (let round = -1; round < rounds; round++) {
    none.push(await accepted(empty, "/v1/track", count, eventBody));
    track.push(await accepted(platform, "/v1/track", count, eventBody));
  }
  none.shift();
  track.shift();
  const ratios = track.map(({ perSecond }, round) => perSecond / (none[round]?.perSecond ?? Number.NaN));
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const line = (all: Measured[]) => {
    const of = (pick: (one: Measured) => number) => whole(median(all.map(pick)));
    const times = `p50 ${of(({ p50 }) => p50)} ms, p99 ${of(({ p99 }) => p99)} ms, CPU ${of(({ cpu }) => cpu)} µs a request`;
    return `${of(({ perSecond }) => perSecond)} requests/s   ${times}`;
  };
  console.log(`  ${whole(count)} connections
    empty Fastify route        ${line(none)}
    POST /v1/track, durable    ${line(track)}   ratio ${median(ratios).toFixed(2)} (${range})`);
}
