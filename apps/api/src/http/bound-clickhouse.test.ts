import type { ClickHouse, Params } from "@millimetric/clickhouse";
import Fastify from "fastify";
import { expect, test } from "vitest";
import type { Caller } from "../keys/key-ring.ts";
import { actForCaller, boundToCaller } from "./bound-clickhouse.ts";

const sql = "SELECT 1 FROM t WHERE project_id = {project_id:String}";

/** A route that does `work` with a bound ClickHouse, called by project p; answers what was sent. */
async function called(work: (clickhouse: ClickHouse) => Promise<unknown>) {
  const sent: unknown[] = [];
  const note = (kind: string) => async (text: string, params?: Params) => {
    sent.push([kind, text, params]);
    return [];
  };
  const raw = { query: note("query"), lookUp: note("lookUp"), command: note("command") } as unknown as ClickHouse;
  raw.insert = async ({ lines }) => void sent.push(["insert", ...lines]);
  const clickhouse = boundToCaller(raw);
  const app = Fastify();
  app.decorateRequest("caller");
  app.addHook("onRequest", async (request) => {
    request.caller = { project_id: "p" } as Caller;
  });
  actForCaller(app);
  app.post("/", async () => {
    await work(clickhouse);
    return { ok: true };
  });
  const { statusCode } = await app.inject({ method: "POST", url: "/", payload: { some: "body" } });
  return { statusCode, sent, clickhouse };
}

test.each(["query", "lookUp", "command"] as const)("%s gets the project of the key, named or not", async (kind) => {
  const { statusCode, sent } = await called(async (clickhouse) => {
    await clickhouse[kind](sql, { a: 1 });
    await clickhouse[kind](sql, { project_id: "p" });
  });
  expect(statusCode).toBe(200);
  expect(sent).toEqual([
    [kind, sql, { a: 1, project_id: "p" }],
    [kind, sql, { project_id: "p" }],
  ]);
});

test.each(["query", "lookUp", "command"] as const)(
  "%s of another project, of every project, or of nobody is never sent",
  async (kind) => {
    const wrong = await called((clickhouse) => clickhouse[kind](sql, { project_id: "q" }));
    const open = await called((clickhouse) => clickhouse[kind]("SELECT * FROM t", { project_id: "p" }));
    for (const { statusCode, sent } of [wrong, open]) expect([statusCode, sent]).toEqual([500, []]);
    await expect(wrong.clickhouse[kind](sql, { project_id: "p" })).rejects.toThrow("nobody asks");
  },
);

test("rows of another project are not written", async () => {
  const insert = (...projects: string[]) =>
    called((clickhouse) =>
      clickhouse.insert({
        table: "t",
        token: "1",
        lines: projects.map((project_id) => JSON.stringify({ project_id })),
      }),
    );
  expect((await insert("p", "p")).sent).toHaveLength(1);
  expect((await insert("p", "q")).sent).toEqual([]);
});

test("rows whose project has no name beside it are not written", async () => {
  const insert = { table: "t", token: "1", columns: ["project_id"], lines: ['["p"]'] };
  expect((await called((clickhouse) => clickhouse.insert(insert))).sent).toEqual([]);
});
