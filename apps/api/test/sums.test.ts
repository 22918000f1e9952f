import { instant } from "@millimetric/clickhouse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

// A month of a shop with something before and after it, as rows: what is counted here must be what every report counts.
const minute = 60_000;
const from = Date.parse("2026-03-01T00:00:00Z");
const to = Date.parse("2026-04-01T00:00:00Z");
const touches = [
  { source: "google", medium: "paid", channel: "Paid Search", campaign: "brand" },
  { source: "google", medium: "organic", channel: "Organic Search", campaign: "" },
  { source: "facebook", medium: "paid", channel: "Paid Social", campaign: "spring" },
  { source: "facebook", medium: "social", channel: "Organic Social", campaign: "" },
  { source: "newsletter", medium: "email", channel: "Email", campaign: "week 10" },
  { source: "direct", medium: "direct", channel: "Direct", campaign: "" },
];
const inside = { source: "internal", medium: "direct", channel: "Direct", campaign: "" };

/** The same numbers in every run, 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

interface Row {
  at: number;
  anonymous_id: string;
  user_id: string | null;
  event_name: string;
  is_bot: boolean;
  source: string;
  medium: string;
}

function month(): Row[] {
  const next = numbers(2026);
  const rows: Row[] = [];
  for (let visitor = 0; visitor < 1_500; visitor++) {
    const is_bot = visitor % 9 === 0;
    const user = visitor % 6 === 1 ? `user-${visitor % 200}` : null;
    let at = from - 3 * 86_400_000 + next() * 36 * 86_400_000;
    for (let visit = 0; visit <= next() * 4; visit++) {
      const touch = touches[Math.floor(next() * touches.length)] ?? inside;
      for (let page = 0; page <= next() * 6; page++) {
        const event_name = page > 3 && next() > 0.5 ? "purchase" : "$pageview";
        const user_id = page > 2 ? user : null;
        rows.push({
          at: Math.floor(at),
          anonymous_id: `v${visitor}`,
          user_id,
          event_name,
          is_bot,
          ...(page ? inside : touch),
        });
        at += next() * 40 * minute;
      }
      at += next() * 5 * 86_400_000;
    }
  }
  return rows;
}

let platform: TestPlatform;
let project: TestProject;
const rows = month();
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
  const lines = rows.map(({ at, ...row }, index) =>
    JSON.stringify({
      ...row,
      project_id: project.project_id,
      env: "live",
      id: `e${index}`,
      timestamp: instant(new Date(at)),
    }),
  );
  await platform.clickhouse.insert({ table: "events_v1", lines, token: "month" });
});
afterAll(() => platform.close());

async function read(path: string): Promise<Record<string, number & string>[]> {
  const { status, body } = await platform.ask("GET", `/v1/${path}&from=2026-03-01&to=2026-04-01&limit=1000`, {
    key: project.keys.rk,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.rows;
}
const sum = (of: Record<string, number>[], column: string) => of.reduce((total, row) => total + (row[column] ?? 0), 0);

test.each([false, true])(
  "sums over sources are those of stats and of the raw events; bots included: %s",
  async (bots) => {
    const include = `include_bots=${bots}`;
    const counted = rows.filter(({ at, is_bot }) => at >= from && at < to && (bots || !is_bot));
    expect(counted.length).toBeGreaterThan(4_000);
    const purchases = counted.filter(({ event_name }) => event_name === "purchase").length;

    const bySourceMedium = await read(`sources?${include}&conversions=purchase`);
    const bySource = await read(`sources?${include}&breakdown=source`);
    const perDay = await read(`stats?${include}&interval=day&timezone=America/New_York`);
    const stats = await read(`stats?${include}&group_by=source&group_by=medium`);
    const events = [bySourceMedium, bySource].map((own) => sum(own, "events"));
    expect([...events, sum(perDay, "value"), sum(stats, "value")]).toEqual([0, 0, 0, 0].map(() => counted.length));
    expect(sum(bySourceMedium, "conversions")).toBe(purchases);

    const raw = new Map<string, number>();
    for (const { source, medium } of counted) raw.set(`${source}/${medium}`, (raw.get(`${source}/${medium}`) ?? 0) + 1);
    const groups = (of: Record<string, number & string>[], value: string) =>
      Object.fromEntries(
        of.filter((row) => row[value] !== 0).map((row) => [`${row["source"]}/${row["medium"]}`, row[value]]),
      );
    expect(groups(bySourceMedium, "events")).toEqual(Object.fromEntries(raw));
    expect(groups(stats, "value")).toEqual(Object.fromEntries(raw));

    const sessions = await read(`stats?${include}&metric=sessions&group_by=source&group_by=medium`);
    expect(groups(bySourceMedium, "sessions")).toEqual(groups(sessions, "value"));
    expect(sum(bySource, "sessions")).toBe(sum(sessions, "value"));
    const uniques = await read(`stats?${include}&metric=uniques&group_by=source`);
    expect(bySource.map((row) => [row["source"], row["uniques"]]).sort()).toEqual(
      uniques.map((row) => [row["source"], row["value"]]).sort(),
    );
  },
);

test.each([false, true])(
  "attribution credits each purchase of the month once in every model; bots included: %s",
  async (bots) => {
    const purchases = rows.filter(
      ({ at, is_bot, event_name }) => event_name === "purchase" && at >= from && at < to && (bots || !is_bot),
    ).length;
    const { body } = await platform.ask(
      "GET",
      `/v1/attribution?event=purchase&group_by=channel&from=2026-03-01&to=2026-04-01&include_bots=${bots}`,
      { key: project.keys.rk },
    );
    expect(body.totals.conversions).toBe(purchases);
    for (const model of Object.keys(body.rows[0].credits)) {
      const credits = body.rows.map(
        (row: { credits: Record<string, { conversions: number }> }) => row.credits[model]?.conversions,
      );
      expect(
        credits.reduce((total: number, own: number) => total + own, 0),
        model,
      ).toBeCloseTo(purchases, 6);
    }
  },
);
