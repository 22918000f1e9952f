import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rows, type Setup, setUp } from "./clients.ts";

let setup: Setup;
beforeAll(async () => {
  setup = await setUp();
  await setup.client.command({
    query:
      "CREATE TABLE numbered (n UInt32, s String) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100",
  });
});
afterAll(() => setup[Symbol.asyncDispose]());

test("rows arrive by every way of inserting, compressed or not, and are counted in the summary", async () => {
  const { client } = setup;
  // Without a memory of blocks: the same rows are inserted again and again.
  await client.command({ query: "CREATE TABLE plain (n UInt32, s String) ENGINE = MergeTree ORDER BY n" });
  const values = [
    { n: 1, s: "one" },
    { n: 2, s: "zwölf\n;'\\ 🦆" },
  ];
  const summaries = [];
  for (const codec of [undefined, "gzip", "zstd", "br"] as const) {
    const request = codec === undefined ? {} : { compression: { request: { codec } } };
    const { summary } = await setup.connect(request).insert({ table: "plain", values, format: "JSONEachRow" });
    summaries.push(summary?.written_rows);
  }
  const streamed = Readable.from(values);
  await client.insert({ table: "mm.plain", columns: ["n", "s"], values: streamed, format: "JSONEachRow" });
  await client.insert({
    table: "`plain`",
    values: [
      ["1", "one"],
      ["2", values[1]?.s],
    ],
    format: "JSONCompactEachRow",
  });
  await client.command({
    query: "INSERT INTO plain (n, s) VALUES (1, 'one'), (2, {s:String})",
    query_params: { s: values[1]?.s },
  });
  await client.command({ query: "INSERT INTO plain SELECT DISTINCT * FROM plain" });
  await setup.ask("/", {
    method: "POST",
    body: `INSERT INTO plain FORMAT JSONEachRow\n${values.map((row) => JSON.stringify(row)).join("\n")}`,
  });
  const tsv = gzipSync("1\tone\n2\tzwölf\\n;'\\\\ 🦆\n");
  await setup.ask("/?query=INSERT%20INTO%20plain%20FORMAT%20TSV", {
    method: "POST",
    body: tsv,
    headers: { "content-encoding": "gzip" },
  });
  expect(summaries).toEqual(["2", "2", "2", "2"]);
  expect(await rows(client, "SELECT n, s, toUInt8(count()) AS copies FROM plain GROUP BY ALL ORDER BY n")).toEqual(
    values.map((row) => ({ ...row, copies: 10 })),
  );
});

test("an insert without rows is none; one with a bad row fails as a whole", async () => {
  const count = async () => (await rows<{ c: number }>(setup.client, "SELECT count() AS c FROM numbered"))[0]?.c;
  const before = await count();
  const path = "/?query=INSERT%20INTO%20numbered%20FORMAT%20JSONEachRow";
  expect((await setup.ask(path, { method: "POST" })).status).toBe(200);
  const bad = await setup.ask(path, { method: "POST", body: '{"n":1,"s":"a"}\n{"n":"x"}\n' });
  expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining("(at row 2)")]);
  const torn = await setup.ask(path, {
    method: "POST",
    body: gzipSync('{"n":1}').subarray(0, 12),
    headers: { "content-encoding": "gzip" },
  });
  expect(torn.status).toBe(400);
  expect(await count()).toBe(before);
});

test("a deduplication token stores its block once, and does not touch the next", async () => {
  const insert = (n: number, insert_deduplication_token: string) =>
    setup.client.insert({
      table: "numbered",
      values: [{ n }],
      format: "JSONEachRow",
      clickhouse_settings: { insert_deduplication_token },
    });
  await insert(100, "a");
  await insert(100, "a");
  await insert(101, "b");
  const query = "SELECT n, toUInt8(count()) AS copies FROM numbered WHERE n >= 100 GROUP BY n ORDER BY n";
  expect(await rows(setup.client, query)).toEqual([
    { n: 100, copies: 1 },
    { n: 101, copies: 1 },
  ]);
});
