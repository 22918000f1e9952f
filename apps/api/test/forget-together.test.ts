import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
});
afterAll(() => platform.close());

const ask = (method: string, path: string, body?: object) =>
  platform.ask(method, path, { key: project.keys.sk, ...(body === undefined ? {} : { body }) });
const forget = (user_id: string) => ask("POST", "/v1/forget", { user_id });

async function done({ status, body }: { status: number; body: { request_id: string } }) {
  expect(status).toBe(202);
  const progress = async () => (await ask("GET", `/v1/forget/${body.request_id}`)).body;
  await vi.waitFor(async () => expect(await progress()).toMatchObject({ state: "done" }), 120_000);
  return progress();
}

/** Holds up the first question for what a request found, which is asked while it is accepted. */
function holdUpAcceptance() {
  const { lookUp } = platform.clickhouse;
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let first = true;
  vi.spyOn(platform.clickhouse, "lookUp").mockImplementation(
    async <Row>(...[sql, params]: Parameters<typeof lookUp>) => {
      if (first && sql.includes("AS link_withdrawals_v1")) {
        first = false;
        asked.resolve();
        await answered.promise;
      }
      return lookUp<Row>(sql, params);
    },
  );
  return { asked: asked.promise, goOn: answered.resolve };
}

test("the removal of one person takes no request that is not accepted yet: it would count, and remove, a part of it", async () => {
  for (const user_id of ["alice", "bob"]) {
    const anonymous_id = `phone-of-${user_id}`;
    const events = [
      { event: "$pageview", event_id: `${user_id}-1`, anonymous_id },
      { event: "$identify", event_id: `${user_id}-2`, anonymous_id, user_id },
    ];
    await ask("POST", "/v1/batch", { events });
    for (const change of ["unlink", "relink"]) {
      const link = { anonymous_id, user_id, reason: change };
      expect((await ask("POST", `/v1/identities/${change}`, link)).body).toMatchObject({ changed: true });
    }
  }
  const { asked, goOn } = holdUpAcceptance();
  const alice = forget("alice");
  await asked;
  const rows = { events: 2, dead_letters: 0, link_withdrawals: 2 };
  expect(await done(await forget("bob"))).toMatchObject({ found: rows, removed: rows });
  goOn();
  expect(await done(await alice)).toMatchObject({ found: rows, removed: rows });
  for (const table of ["events_v1", "link_withdrawals_v1"])
    expect(await platform.clickhouse.lookUp(`SELECT * FROM ${table}`)).toEqual([]);
});
