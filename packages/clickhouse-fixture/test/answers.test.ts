import { afterAll, beforeAll, expect, test } from "vitest";
import { rows, type Setup, setUp } from "./clients.ts";

let setup: Setup;
beforeAll(async () => {
  setup = await setUp();
});
afterAll(() => setup[Symbol.asyncDispose]());

test.each([
  ["SELEC 1", 400, "62", "SYNTAX_ERROR"],
  ["SELECT nothing", 404, "47", "UNKNOWN_IDENTIFIER"],
  ["SELECT * FROM nowhere", 404, "60", "UNKNOWN_TABLE"],
  ["SELECT throwIf(1)", 500, "395", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"],
  ["SELECT toUInt8('x')", 400, "6", "CANNOT_PARSE_TEXT"],
  ["SELECT (SELECT count() FROM numbers(1e12)) SETTINGS max_execution_time = 0.05", 408, "159", "TIMEOUT_EXCEEDED"],
])("%s fails with %i and code %s, told in status, header and body", async (body, status, code, type) => {
  for (const more of ["", "?wait_end_of_query=1", "?enable_http_compression=1"]) {
    const answer = await setup.ask(`/${more}`, { method: "POST", body });
    expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([status, code]);
    const shape = new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]+ \\(${type}\\) \\(version 2\\d\\.\\S+\\)\n$`);
    expect(await answer.text()).toMatch(shape);
  }
  await expect(setup.client.query({ query: body })).rejects.toMatchObject({ code, type });
});

test("an unknown database is a 404", async () => {
  const answer = await setup.ask("/?query=SELECT%201&database=nowhere");
  expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([404, "81"]);
});

test("the statement's own format counts, then default_format, then TabSeparated", async () => {
  const format = async (path: string, body: string) => {
    const answer = await setup.ask(path, { method: "POST", body });
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
  expect(await rows(setup.client, "SHOW DATABASES LIKE 'mm'")).toEqual([{ name: "mm" }]);
});

test("what a server says about an answer stands in its headers", async () => {
  const answer = await setup.ask(
    "/?query_id=mine&wait_end_of_query=1&query=SELECT%20sum(number)%20FROM%20numbers(1000)",
  );
  expect(answer.headers.get("x-clickhouse-query-id")).toBe("mine");
  expect(answer.headers.get("x-clickhouse-server-display-name")).toBe("fixture-0");
  expect(answer.headers.get("x-clickhouse-exception-tag")).toMatch(/^[a-z0-9]{16}$/);
  expect(JSON.parse(answer.headers.get("x-clickhouse-summary") ?? "")).toMatchObject({
    read_rows: expect.stringMatching(/^\d+$/),
    written_rows: "0",
  });
  expect((await setup.ask("/?query=SELECT%201")).headers.get("x-clickhouse-query-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("answers are compressed when both the setting and the header ask for it", async () => {
  const encoding = async (path: string, accept: string) => {
    const answer = await setup.ask(path, { headers: { "accept-encoding": accept } });
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
