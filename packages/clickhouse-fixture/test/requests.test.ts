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
  expect(await (await setup.ask(`/?query=${query("SELECT 1 + 1")}`)).text()).toBe("2\n");
  expect(await (await setup.ask("/", { method: "POST", body: "SELECT 3" })).text()).toBe("3\n");
  expect(await (await setup.ask(`/?query=${query("SELECT")}`, { method: "POST", body: "4" })).text()).toBe("4\n");
});

test("a GET cannot write, one request runs one statement, and an empty one is refused", async () => {
  const write = await setup.ask(`/?query=${encodeURIComponent("INSERT INTO numbered VALUES (1, 'x')")}`);
  expect([write.status, write.headers.get("x-clickhouse-exception-code")]).toEqual([500, "164"]);
  for (const body of ["SELECT 1; SELECT 2", "", "-- nothing"]) {
    const answer = await setup.ask("/", { method: "POST", body });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("(SYNTAX_ERROR)")]);
  }
  expect(await (await setup.ask("/", { method: "POST", body: "SELECT ';' AS `a;b`; -- ; c" })).text()).toBe(";\n");
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
  expect((await setup.ask("/?query=SELECT%201", { headers: byHeaders })).status).toBe(403);
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
  const read = await setup.ask(`/?session_id=s&query=${encodeURIComponent("SELECT n FROM mine")}`);
  const write = await setup.ask(`/?session_id=s&query=${encodeURIComponent("DROP TABLE mine")}`);
  expect([await read.text(), write.headers.get("x-clickhouse-exception-code")]).toEqual(["7\n", "164"]);

  const slow = member.command({ query: "SELECT sleep(1)" });
  const together = await Promise.allSettled([slow, member.command({ query: "SELECT sleep(1)" })]);
  expect(together.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "373" } }]);
  const absent = await setup.ask("/?query=SELECT%201&session_id=absent&session_check=1");
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
test("what is not implemented says so", async () => {
  const native = await setup.ask("/?query=INSERT%20INTO%20numbered%20FORMAT%20Native", {
    method: "POST",
    body: Buffer.from([0xff, 0xfe]),
  });
  const role = await setup.ask("/?query=SELECT%201&role=r");
  const lz4 = await setup.ask("/?query=SELECT%201", {
    method: "POST",
    body: "x",
    headers: { "content-encoding": "lz4" },
  });
  for (const answer of [native, role, lz4])
    expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([501, "48"]);
  expect((await setup.ask("/dashboard")).status).toBe(404);
});
