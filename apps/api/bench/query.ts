import type { ClickHouse } from "@millimetric/clickhouse";
import { readConfig } from "../src/config.ts";
import { createPlatform } from "../src/platform.ts";
import { readArguments } from "./arguments.ts";
import { openBenchData } from "./data.ts";
import { benchDuck } from "./duck.ts";
import { line, type Measured, measure, quantile, whole } from "./measure.ts";
import { hashOf, ourFirstTouch, plainScan, seedFirstTouch } from "./seed-sql.ts";

const range = "from=2026-01-01&to=2026-04-02";

/** Every read of the API over all the events, and of one person. */
const endpoints = [
  "/v1/query?limit=100",
  "/v1/query?limit=100&event=signup&source=google",
  "/v1/stats?metric=count&interval=day",
  "/v1/stats?metric=count&interval=day&group_by=source",
  "/v1/stats?metric=uniques",
  "/v1/stats?metric=users&interval=week",
  "/v1/stats?metric=sessions",
  "/v1/sources?breakdown=source_medium",
  "/v1/sessions?limit=100",
  "/v1/users?limit=100",
  "/v1/users/user_42",
  "/v1/users/user_42/journey",
  "/v1/attribution/first-touch?stitch=all_devices",
  "/v1/attribution/first-touch",
  "/v1/attribution/first-touch?group_by=source",
  "/v1/attribution/first-touch?user_id=user_42",
  "/v1/attribution?event=completed_checkout&group_by=source",
  "/v1/conversions?events=signup,completed_checkout",
  "/v1/devices",
  "/v1/funnel?steps=signup,completed_checkout",
  "/v1/retention?interval=week",
  "/v1/identities/shared",
];

/** SPEC 10, third to sixth row, in one run on the same events:  query [events] [--data folder] [--rounds n] [--no-duck] */
export async function benchQuery(args: string[]): Promise<void> {
  const { events, data, rounds, duck } = readArguments(args, 20_000_000);
  // The API finds its engine in a folder of its data folder.
  const made = await openBenchData(events, data);
  await made.clickhouse.close();
  const config = readConfig({ DATA_DIR: made.dataDir, LOG_LEVEL: "silent" });
  const platform = await createPlatform(config);
  try {
    await facts(platform.clickhouse);
    await stitch(platform.clickhouse, rounds);
    const key = await platform.controlPlane.createKey({ project_id: "bench", kind: "rk", env: "live", label: "" });
    console.log("\nendpoints, over everything");
    for (const path of endpoints) {
      const url = `${path}${path.includes("?") ? "&" : "?"}${range}`;
      let status = 0;
      const measured = await measure(platform.clickhouse, rounds, async () => {
        const answer = await platform.app.inject({ url, headers: { authorization: `Bearer ${key.key}` } });
        status = answer.statusCode;
      });
      console.log(line(path, measured, status === 200 ? "" : `HTTP ${status}`));
    }
    if (duck) await benchDuck(platform.clickhouse, rounds);
  } finally {
    await platform.close();
    made.remove();
  }
}

async function facts(clickhouse: ClickHouse): Promise<void> {
  const [events] = await clickhouse.query<Record<string, number>>(
    `SELECT count() AS events, uniq(anonymous_id) AS visitors, uniq(user_id) AS users, uniq(project_id) AS projects FROM events_v1`,
  );
  const [size] = await clickhouse.query<Record<string, number>>(
    `SELECT count() AS parts, round(sum(bytes_on_disk) / sum(rows), 1) AS bytes_per_event FROM system.parts WHERE table = 'events_v1' AND active`,
  );
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

const times = (seed: Measured, other: Measured) =>
  `${(quantile(seed.times, 0.5) / quantile(other.times, 0.5)).toFixed(1)}× (cpu ${(seed.cpu / other.cpu).toFixed(1)}×)`;
