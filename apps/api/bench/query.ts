import { type ClickHouse, journey, userDevices } from "@millimetric/clickhouse";
import { readConfig } from "../src/config.ts";
import { createPlatform, type Platform } from "../src/platform.ts";
import { readArguments } from "./arguments.ts";
import { openBenchData } from "./data.ts";
import { benchDuck } from "./duck.ts";
import { askAll, asker, everything, somebody } from "./endpoints.ts";
import { line, type Measured, measure, quantile, together, whole } from "./measure.ts";
import { hashOf, ourFirstTouch, plainScan, seedFirstTouch } from "./seed-sql.ts";

/** Bytes that a statement of the API may hold. */
const mostMemory = 2e9;

/** Opens the API over so many events; `unbounded` reads them without the API's limits, for what it is compared with. */
export async function openBenchPlatform(events: number, data: string | undefined) {
  const made = await openBenchData(events, data);
  const config = readConfig({ DATA_DIR: made.dataDir, LOG_LEVEL: "silent" });
  const platform = await createPlatform(config);
  return {
    platform,
    unbounded: made.clickhouse,
    async close() {
      await platform.close();
      await made.clickhouse.close();
      made.remove();
    },
  };
}

/** SPEC 10, third to sixth row, in one run on the same events:  query [events] [--data folder] [--rounds n] [--no-duck] [--only pattern] */
export async function benchQuery(args: string[]): Promise<void> {
  const { events, data, rounds, duck, only } = readArguments(args, 20_000_000);
  const { platform, unbounded, close } = await openBenchPlatform(events, data);
  try {
    await facts(unbounded);
    if (only.test("first touch")) await stitch(unbounded, rounds);
    if (only.test("journey")) await oneJourney(platform, rounds);
    console.log("\nendpoints, over everything; memory of the hungriest statement, of the 2 GB that one may hold");
    for await (const { path, status, measured } of askAll(platform, rounds, only)) {
      const share = `${whole((measured.memory / mostMemory) * 100)} %`.padStart(5);
      console.log(line(path, measured, status === 200 ? share : `${share}  HTTP ${status}`));
    }
    if (duck) await benchDuck(platform, unbounded, rounds);
  } finally {
    await close();
  }
}

/** Parts of events, and bytes of an event in all tables together. */
export async function sizeOf(clickhouse: ClickHouse): Promise<{ parts: number; bytes_per_event: number }> {
  const [size] = await clickhouse.query<{ parts: number; bytes_per_event: number }>(
    `SELECT countIf(table = 'events_v1') AS parts, round(sum(bytes_on_disk) / sumIf(rows, table = 'events_v1'), 1) AS bytes_per_event
     FROM system.parts WHERE active AND database = currentDatabase()`,
  );
  return size ?? { parts: 0, bytes_per_event: 0 };
}

async function facts(clickhouse: ClickHouse): Promise<void> {
  const [events] = await clickhouse.query<Record<string, number>>(
    `SELECT count() AS events, uniq(anonymous_id) AS visitors, uniq(user_id) AS users, uniq(project_id) AS projects FROM events_v1`,
  );
  const size = await sizeOf(clickhouse);
  const projections = await clickhouse.query<{ name: string; bytes: number }>(
    `SELECT name, round(sum(bytes_on_disk) / (SELECT sum(rows) FROM system.parts WHERE table = 'events_v1' AND active), 1) AS bytes
     FROM system.projection_parts WHERE table = 'events_v1' AND active GROUP BY name ORDER BY bytes DESC`,
  );
  console.log(JSON.stringify({ ...events, ...size }));
  console.log(`of these bytes: ${projections.map(({ name, bytes }) => `${name} ${bytes}`).join(", ")}`);
}

async function stitch(clickhouse: ClickHouse, rounds: number): Promise<void> {
  const run = (sql: string) => measure(clickhouse, rounds, () => clickhouse.query(sql));
  const seed = await run(hashOf(seedFirstTouch));
  const ours = await run(hashOf(ourFirstTouch));
  const scan = await run(plainScan);
  const [theirs] = await clickhouse.query<{ users: number; hash: string }>(hashOf(seedFirstTouch));
  const [same] = await clickhouse.query<{ users: number; hash: string }>(hashOf(ourFirstTouch));
  console.log("\nfirst touch of all users, all_devices");
  console.log(line("the seed's SQL, repaired", seed));
  console.log(line("ours", ours, times(seed, ours)));
  console.log(line("a plain scan of the needed columns", scan, times(seed, scan)));
  const equal = theirs?.hash === same?.hash;
  console.log(`  ${whole(same?.users ?? 0)} users, the same answer: ${equal} (${theirs?.hash}, ${same?.hash})`);
}

/** One user's path, beside what can be no cheaper: the rows of the same visitors by primary key, all columns. */
async function oneJourney(platform: Platform, rounds: number): Promise<void> {
  const { clickhouse } = platform;
  const scope = { project_id: "bench", env: "live" } as const;
  const found = await userDevices(clickhouse, scope, somebody);
  const devices = found.devices.map(({ anonymous_id }) => anonymous_id);
  const byKey =
    "SELECT * FROM events_v1 WHERE project_id = 'bench' AND env = 'live' AND anonymous_id IN {devices:Array(String)}";
  const page = { stitch: "time_sliced", include_bots: false, ...everything, user_id: somebody, limit: 101 } as const;
  // Looking for memory every 25 ms would hold up only what takes longer.
  const watched = false;
  const ask = await asker(platform, 1, watched);
  const key: Measured[] = [];
  const reads: Measured[] = [];
  const answers: Measured[] = [];
  // In turn, because the machine is not equally fast all the time.
  for (let round = 0; round < rounds * 5; round++) {
    key.push(await measure(clickhouse, 1, () => clickhouse.query(byKey, { devices }), watched));
    reads.push(await measure(clickhouse, 1, () => journey(clickhouse, { ...scope, ...page }), watched));
    answers.push((await ask(`/v1/users/${somebody}/journey`)).measured);
  }
  const ratio = (of: Measured[]) => (quantile(together(of).times, 0.5) / quantile(together(key).times, 0.5)).toFixed(2);
  console.log("\none user's journey");
  console.log(line(`${devices.length} visitor by primary key`, together(key)));
  console.log(line("what the journey reads", together(reads), `${ratio(reads)} × the key, to reach: 2`));
  console.log(line("/v1/users/…/journey", together(answers), `${ratio(answers)} × the key`));
}

const times = (seed: Measured, other: Measured) =>
  `${(quantile(seed.times, 0.5) / quantile(other.times, 0.5)).toFixed(1)}× (cpu ${(seed.cpu / other.cpu).toFixed(1)}×)`;
