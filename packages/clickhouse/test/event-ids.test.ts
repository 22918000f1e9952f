import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, events, type Params, storedEventIds } from "../src/index.ts";
import { loadSql } from "../src/queries/load-sql.ts";
import { openTemporary } from "./open.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

// A few partitions; the earliest and the latest that a column takes.
const instants = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 1, 1), max: Date.UTC(2026, 2, 31) }),
  fc.constantFrom(Date.UTC(1900, 0, 1), -1, 0, Date.UTC(2299, 11, 31, 23, 59, 59, 999)),
);
const hex = (n: number, digits: number) => n.toString(16).padStart(digits, "0");
const ids = fc.oneof(
  fc.uuid({ version: 7 }),
  fc.uuid(),
  // Counted, not drawn: a generator may count in any part.
  fc.nat(4095).map((n) => `019b76da-a87b-7${hex(n, 3)}-8123-456789abcdef`),
  fc.nat(4095).map((n) => `019b76da-a${hex(n, 3)}-7abc-8123-456789abcdef`),
  fc.nat(4095).map((n) => `019b76da-a87b-7abc-8123-456789abc${hex(n, 3)}`),
  fc.uuid({ version: 7 }).map((id) => id.toUpperCase()),
  fc.uuid({ version: 7 }).map((id) => `${id}0`),
  fc.constantFrom(
    "00000000-0000-7000-0000-000000000000",
    "ffffffff-ffff-7fff-ffff-ffffffffffff",
    "0",
    "' OR 1",
    "ä\n\0",
  ),
  fc.string({ minLength: 1, maxLength: 128, unit: "binary" }),
);

test("whatever an id looks like, and whatever time it is sent with: it is read as it was written, and found", async () => {
  const rows = fc.sample(fc.record({ id: ids, at: instants, received: instants }), { numRuns: 2_000, seed: 7 });
  const written = [...new Map(rows.map((row) => [row.id, row])).values()];
  const text = (at: number) => new Date(at).toISOString().replace("T", " ").slice(0, -1);
  await clickhouse.insert({
    table: "events_v1",
    token: "ids",
    lines: written.map(({ id, at, received }) =>
      JSON.stringify({ project_id: "p", env: "live", id, timestamp: text(at), received: text(received) }),
    ),
  });
  const read = await clickhouse.query<{ event_id: string; timestamp: string; received_at: string }>(
    "SELECT event_id, timestamp, received_at FROM events WHERE project_id = 'p'",
  );
  const inOrder = (list: { id: string; at: number; received: number }[]) =>
    list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(
    inOrder(
      read.map(({ event_id, timestamp, received_at }) => {
        return { id: event_id, at: Date.parse(timestamp), received: Date.parse(received_at) };
      }),
    ),
  ).toEqual(inOrder(written));

  const asked = fc.sample(ids, { numRuns: 500, seed: 8 });
  const known = new Set(written.map(({ id }) => id));
  const of = (id: string) => ({ project_id: "p", event_id: id });
  expect(await storedEventIds(clickhouse, [...known, ...asked].map(of))).toEqual(
    new Set([...known].map((id) => `p/${id}`)),
  );
  expect(await storedEventIds(clickhouse, [{ project_id: "other", event_id: [...known][0] ?? "" }])).toEqual(new Set());
});

test("a row without an id is refused, not stored under an empty one", async () => {
  const row = { project_id: "q", env: "live", timestamp: "2026-03-01 00:00:00" };
  await expect(clickhouse.insert({ table: "events_v1", token: "none", lines: [JSON.stringify(row)] })).rejects.toThrow(
    /has_id/,
  );
  expect(await clickhouse.query("SELECT 1 FROM events_v1 WHERE project_id = 'q'")).toEqual([]);
});

test("pages of events of one instant follow each other without gap or repeat, whatever their ids look like", async () => {
  const written = [...new Set(fc.sample(ids, { numRuns: 60, seed: 9 }))];
  await clickhouse.insert({
    table: "events_v1",
    token: "pages",
    lines: written.map((id, index) =>
      JSON.stringify({ project_id: "r", env: "live", id, timestamp: `2026-03-01 00:00:00.00${index % 2}` }),
    ),
  });
  const read: string[] = [];
  const all = { project_id: "r", env: "live", from: new Date(0), to: new Date("2027-01-01") } as const;
  for (let before: { timestamp: Date; event_id: string } | undefined; ; ) {
    const page = await events(clickhouse, { ...all, filters: {}, include_bots: false, limit: 7, before });
    read.push(...page.map(({ event_id }) => event_id));
    const last = page.at(-1);
    if (last === undefined) break;
    before = { timestamp: new Date(last.timestamp), event_id: last.event_id };
  }
  expect(read.toSorted()).toEqual(written.toSorted());
});

test("a page is whole although one of its events is hidden after it was known when the page ends", async () => {
  const all = { project_id: "r", env: "live", from: new Date(0), to: new Date("2027-01-01") } as const;
  const page = (from: ClickHouse) => events(from, { ...all, filters: {}, include_bots: false, limit: 7 });
  const [newest] = await page(clickhouse);
  const hiding: ClickHouse = {
    ...clickhouse,
    async query<Row>(sql: string, params?: Params) {
      const found = await clickhouse.query<Row>(sql, params);
      if (sql === loadSql("end-of-page"))
        await clickhouse.insert({
          table: "hidden_events_v1",
          lines: [JSON.stringify({ project_id: "r", request_id: "f", event_id: newest?.event_id, anonymous_id: "" })],
          token: "hidden",
        });
      return found;
    },
  };
  const found = await page(hiding);
  expect(found).toHaveLength(7);
  expect(found.map(({ event_id }) => event_id)).not.toContain(newest?.event_id);
});
