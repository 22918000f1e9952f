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

const ask = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
  const authorization = `Basic ${Buffer.from("mm:se:cret").toString("base64")}`;
  return fetch(`${setup.fixture.url}${path}`, { ...init, headers: { authorization, ...init.headers } });
};

test("ping and a GET of nothing are answered without credentials", async () => {
  for (const path of ["/ping", "/"]) {
    const answer = await fetch(`${setup.fixture.url}${path}`);
    expect([answer.status, await answer.text()]).toEqual([200, "Ok.\n"]);
  }
  expect(await setup.client.ping()).toEqual({ success: true });
  expect(await setup.client.ping({ select: true })).toEqual({ success: true });
});

test("statements stand in the URL, in the body, or begin in one and end in the other", async () => {
  const query = encodeURIComponent;
  expect(await (await ask(`/?query=${query("SELECT 1 + 1")}`)).text()).toBe("2\n");
  expect(await (await ask("/", { method: "POST", body: "SELECT 3" })).text()).toBe("3\n");
  expect(await (await ask(`/?query=${query("SELECT")}`, { method: "POST", body: "4" })).text()).toBe("4\n");
});

test("a GET cannot write, one request runs one statement, and an empty one is refused", async () => {
  const write = await ask(`/?query=${encodeURIComponent("INSERT INTO numbered VALUES (1, 'x')")}`);
  expect([write.status, write.headers.get("x-clickhouse-exception-code")]).toEqual([500, "164"]);
  for (const body of ["SELECT 1; SELECT 2", "", "-- nothing"]) {
    const answer = await ask("/", { method: "POST", body });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("(SYNTAX_ERROR)")]);
  }
  expect(await (await ask("/", { method: "POST", body: "SELECT ';' AS `a;b`; -- ; c" })).text()).toBe(";\n");
});

test("wrong or missing credentials get 403 and code 516; the three ways of giving them work", async () => {
  const { url } = setup.fixture;
  const stranger = setup.connect({ password: "wrong" });
  await expect(stranger.query({ query: "SELECT 1" })).rejects.toMatchObject({
    code: "516",
    type: "AUTHENTICATION_FAILED",
  });
  const nobody = await fetch(`${url}/?query=SELECT%201`);
  expect([nobody.status, nobody.headers.get("x-clickhouse-exception-code")]).toEqual([403, "516"]);
  const byHeaders = { "x-clickhouse-user": "mm", "x-clickhouse-key": "se:cret" };
  expect((await fetch(`${url}/?query=SELECT%201`, { headers: byHeaders })).status).toBe(200);
  expect((await fetch(`${url}/?query=SELECT%201&user=mm&password=se%3Acret`)).status).toBe(200);
  expect((await ask("/?query=SELECT%201", { headers: byHeaders })).status).toBe(403);
});

test("values are bound, whatever is in them, in the URL and in a form", async () => {
  const odd = ["'; DROP TABLE numbered; --", "\\", "\\'", "{x:String}", "\t\n\r", "日本語 🦆", "", "NULL", "\\N"];
  for (const use_multipart_params of [false, true])
    for (const value of odd) {
      const query = "SELECT {one:String} AS one, {many:Array(String)} AS many, {none:Nullable(String)} AS none";
      const query_params = { one: value, many: [value, "second"], none: null };
      const result = await setup.client.query({ query, query_params, use_multipart_params, format: "JSONEachRow" });
      expect(await result.json()).toEqual([{ one: value, many: [value, "second"], none: null }]);
    }
});

test("a URL longer than a server takes gets 400, the same values in a form do not", async () => {
  const query = "SELECT length({many:Array(String)}) AS n";
  const query_params = { many: Array.from({ length: 40_000 }, (_, n) => `a longer value with the number ${n}`) };
  await expect(setup.client.query({ query, query_params })).rejects.toThrow();
  const result = await setup.client.query({ query, query_params, use_multipart_params: true, format: "JSONEachRow" });
  expect(await result.json()).toEqual([{ n: 40_000 }]);
});

test("settings and database hold for their request alone", async () => {
  const query = "SELECT getSetting('max_threads') AS threads, currentDatabase() AS db";
  const one = await setup.client.query({ query, clickhouse_settings: { max_threads: 1 }, format: "JSONEachRow" });
  expect(await one.json()).toEqual([{ threads: 1, db: "mm" }]);
  expect(await rows(setup.connect({ database: "system" }), query)).toEqual([
    { threads: expect.any(Number), db: "system" },
  ]);
  const [{ threads } = { threads: 1 }] = await rows<{ threads: number }>(setup.client, query);
  expect(threads).not.toBe(1);
});

test("a session keeps temporary tables and what was SET, and takes one request at a time; settings of a request end with it", async () => {
  const member = setup.connect({ session_id: "s" });
  const seen = "SELECT n, getSetting('max_threads') AS threads, getSetting('max_rows_to_read') AS most FROM mine";
  await member.command({ query: "CREATE TEMPORARY TABLE mine (n UInt8)" });
  await member.insert({ table: "mine", values: [{ n: 7 }], format: "JSONEachRow" });
  await member.command({ query: "SET max_threads = 3", clickhouse_settings: { max_rows_to_read: "5" } });
  const limited = await member.query({
    query: seen,
    clickhouse_settings: { max_threads: 2, max_rows_to_read: "9" },
    format: "JSONEachRow",
  });
  expect(await limited.json()).toEqual([{ n: 7, threads: 2, most: 9 }]);
  expect(await rows(setup.connect({ session_id: "s" }), seen)).toEqual([{ n: 7, threads: 3, most: 0 }]);
  await expect(setup.client.query({ query: seen })).rejects.toMatchObject({ code: "60" });
  const read = await ask(`/?session_id=s&query=${encodeURIComponent("SELECT n FROM mine")}`);
  const write = await ask(`/?session_id=s&query=${encodeURIComponent("DROP TABLE mine")}`);
  expect([await read.text(), write.headers.get("x-clickhouse-exception-code")]).toEqual(["7\n", "164"]);

  const slow = member.command({ query: "SELECT sleep(1)" });
  const together = await Promise.allSettled([slow, member.command({ query: "SELECT sleep(1)" })]);
  expect(together.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "373" } }]);
  const absent = await ask("/?query=SELECT%201&session_id=absent&session_check=1");
  expect(absent.headers.get("x-clickhouse-exception-code")).toBe("372");
});

test("settings that a server refuses are refused: unknown ones, values of another type, writing when reading", async () => {
  const run = (clickhouse_settings: Record<string, string | number>, query = "SELECT 1") =>
    setup.client.command({ query, clickhouse_settings });
  await expect(run({ no_such_setting: 1 })).rejects.toMatchObject({ code: "115" });
  await expect(run({ max_threads: "many" })).rejects.toThrow();
  await expect(run({ readonly: "2" }, "CREATE TABLE t (x UInt8) ENGINE = Memory")).rejects.toMatchObject({
    code: "164",
  });
  await expect(run({ readonly: "1", max_threads: 3 }, "DROP TABLE numbered")).rejects.toMatchObject({ code: "164" });
  await expect(run({ max_execution_time: 0.1 }, "SELECT count() FROM numbers(1e12)")).rejects.toMatchObject({
    code: "159",
  });
  const greedy = "SELECT length(groupArray(number)) FROM numbers(100000000)";
  await expect(run({ max_memory_usage: "10000000" }, greedy)).rejects.toMatchObject({ code: "241" });
});

test.each([
  ["SELEC 1", 400, "62", "SYNTAX_ERROR"],
  ["SELECT nothing", 404, "47", "UNKNOWN_IDENTIFIER"],
  ["SELECT * FROM nowhere", 404, "60", "UNKNOWN_TABLE"],
  ["SELECT throwIf(1)", 500, "395", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"],
  ["SELECT toUInt8('x')", 400, "6", "CANNOT_PARSE_TEXT"],
  ["SELECT (SELECT count() FROM numbers(1e12)) SETTINGS max_execution_time = 0.05", 408, "159", "TIMEOUT_EXCEEDED"],
])("%s fails with %i and code %s, told in status, header and body", async (body, status, code, type) => {
  for (const more of ["", "?wait_end_of_query=1", "?enable_http_compression=1"]) {
    const answer = await ask(`/${more}`, { method: "POST", body });
    expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([status, code]);
    const shape = new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]+ \\(${type}\\) \\(version 2\\d\\.\\S+\\)\n$`);
    expect(await answer.text()).toMatch(shape);
  }
  await expect(setup.client.query({ query: body })).rejects.toMatchObject({ code, type });
});

test("an unknown database is a 404", async () => {
  const answer = await ask("/?query=SELECT%201&database=nowhere");
  expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([404, "81"]);
});

test("the statement's own format counts, then default_format, then TabSeparated", async () => {
  const format = async (path: string, body: string) => {
    const answer = await ask(path, { method: "POST", body });
    return [answer.headers.get("x-clickhouse-format"), answer.headers.get("content-type"), await answer.text()];
  };
  expect(await format("/", "SELECT 1, 'a'")).toEqual([
    "TabSeparated",
    "text/tab-separated-values; charset=UTF-8",
    "1\ta\n",
  ]);
  expect(await format("/?default_format=CSV", "SELECT 1")).toEqual(["CSV", "text/csv; charset=UTF-8", "1\n"]);
  const own = await format("/?default_format=CSV", "SELECT 1 AS x FORMAT JSONEachRow SETTINGS max_threads = 1");
  expect(own).toEqual(["JSONEachRow", "application/x-ndjson; charset=UTF-8", '{"x":1}\n']);
  const json = await setup.client.query({ query: "SELECT 1 AS x", format: "JSON" });
  expect(await json.json()).toMatchObject({ data: [{ x: 1 }], rows: 1 });
  expect(await rows(setup.client, "SHOW TABLES")).toEqual([{ name: "numbered" }]);
});

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
  await ask("/", {
    method: "POST",
    body: `INSERT INTO plain FORMAT JSONEachRow\n${values.map((row) => JSON.stringify(row)).join("\n")}`,
  });
  const tsv = gzipSync("1\tone\n2\tzwölf\\n;'\\\\ 🦆\n");
  await ask("/?query=INSERT%20INTO%20plain%20FORMAT%20TSV", {
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
  expect((await ask(path, { method: "POST" })).status).toBe(200);
  const bad = await ask(path, { method: "POST", body: '{"n":1,"s":"a"}\n{"n":"x"}\n' });
  expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining("(at row 2)")]);
  const torn = await ask(path, {
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

test("what a server says about an answer stands in its headers", async () => {
  const answer = await ask("/?query_id=mine&wait_end_of_query=1&query=SELECT%20sum(number)%20FROM%20numbers(1000)");
  expect(answer.headers.get("x-clickhouse-query-id")).toBe("mine");
  expect(answer.headers.get("x-clickhouse-server-display-name")).toBe("fixture-0");
  expect(answer.headers.get("x-clickhouse-exception-tag")).toMatch(/^[a-z0-9]{16}$/);
  expect(JSON.parse(answer.headers.get("x-clickhouse-summary") ?? "")).toMatchObject({
    read_rows: expect.stringMatching(/^\d+$/),
    written_rows: "0",
  });
  expect((await ask("/?query=SELECT%201")).headers.get("x-clickhouse-query-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("answers are compressed when both the setting and the header ask for it", async () => {
  const encoding = async (path: string, accept: string) => {
    const answer = await ask(path, { headers: { "accept-encoding": accept } });
    return [answer.headers.get("content-encoding"), await answer.text()];
  };
  const query = "?query=SELECT%201";
  expect(await encoding(`/${query}&enable_http_compression=1`, "gzip")).toEqual(["gzip", "1\n"]);
  expect(await encoding(`/${query}&enable_http_compression=1`, "identity")).toEqual([null, "1\n"]);
  expect(await encoding(`/${query}`, "gzip")).toEqual([null, "1\n"]);
  for (const codec of ["gzip", "zstd", "br"] as const) {
    const client = setup.connect({ compression: { response: { codec } } });
    const result = await client.query({ query: "SELECT number AS n FROM numbers(100000)", format: "JSONEachRow" });
    expect(result.response_headers["content-encoding"]).toBe(codec);
    expect(await result.json()).toHaveLength(100_000);
    await expect(client.query({ query: "SELECT nothing" })).rejects.toMatchObject({ code: "47" });
  }
});

test("a long result arrives while it is made", async () => {
  const query =
    "SELECT number, repeat('x', 1000) AS s, sleepEachRow(0.001) FROM numbers(3000) SETTINGS max_block_size = 100";
  const result = await setup.client.query({ query, format: "JSONEachRow" });
  let count = 0;
  const arrivals: number[] = [];
  for await (const some of result.stream()) {
    arrivals.push(performance.now());
    count += some.length;
  }
  expect(count).toBe(3000);
  const [first = 0] = arrivals;
  expect((arrivals.at(-1) ?? 0) - first).toBeGreaterThan(500);
});

test.each([false, true])("an exception in the middle reaches the client, compressed: %s", async (response) => {
  const client = setup.connect({ compression: { response } });
  const query =
    "SELECT number, repeat('x', 1000) AS s, throwIf(number = 50000, 'boom') AS t FROM numbers(100000) SETTINGS max_block_size = 1000";
  const result = await client.query({ query, format: "JSONEachRow" });
  const reading = (async () => {
    let count = 0;
    for await (const some of result.stream()) count += some.length;
    return count;
  })();
  // The end of a compressed answer that breaks off may never come out of the decompressor.
  if (response) await expect(reading).rejects.toThrow();
  else await expect(reading).rejects.toMatchObject({ code: "395", message: expect.stringContaining("boom") });
  const cut = await client.query({ query, format: "CSV" });
  await expect(cut.text()).rejects.toThrow();
  const whole = client.query({ query, clickhouse_settings: { wait_end_of_query: 1 } });
  await expect(whole).rejects.toMatchObject({ code: "395" });
});

test("what is not implemented says so", async () => {
  const native = await ask("/?query=INSERT%20INTO%20numbered%20FORMAT%20Native", {
    method: "POST",
    body: Buffer.from([0xff, 0xfe]),
  });
  const role = await ask("/?query=SELECT%201&role=r");
  const lz4 = await ask("/?query=SELECT%201", { method: "POST", body: "x", headers: { "content-encoding": "lz4" } });
  for (const answer of [native, role, lz4])
    expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([501, "48"]);
  expect((await ask("/dashboard")).status).toBe(404);
});
