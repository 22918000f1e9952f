import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Deployment, deploy, drained, spooledRows } from "./deployment.ts";

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy({ apis: 2 });
});
afterAll(() => deployment.stop());

async function call(process: number, method: string, path: string, body?: object) {
  const answer = await fetch(`${deployment.apis[process]?.url()}${path}`, {
    method,
    headers: { authorization: `Bearer ${deployment.project.keys.sk}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const event = (event_id: string, user: string | undefined, anonymous_id: string) => ({
  event: "e",
  event_id,
  anonymous_id,
  ...(user === undefined ? {} : { user_id: user }),
  url: `https://shop.example/${event_id}`,
});

async function shown(process: number): Promise<string[]> {
  const { body } = await call(process, "GET", "/v1/query?limit=1000");
  return body.rows.map((row: { event_id: string }) => row.event_id).sort();
}

test("what one process forgets, the other one refuses, out of its spool and from then on; one of them removes", async () => {
  const phone = "alice-phone";
  const events = [event("a1", undefined, phone), event("a2", "alice", phone), event("b1", "bob", "bob-phone")];
  expect((await call(0, "POST", "/v1/batch", { events })).status).toBe(202);
  await drained(deployment);
  expect(await shown(1)).toEqual(["a1", "a2", "b1"]);

  // The second process keeps events that it received before.
  await deployment.clickhouse.fault({ kind: "refuse" });
  const spooled = [event("a3", undefined, phone), event("a4", "alice", phone), event("b2", "bob", "bob-phone")];
  expect((await call(1, "POST", "/v1/batch", { events: spooled })).status).toBe(202);
  await vi.waitFor(async () => {
    const [, second] = deployment.apis;
    expect(second === undefined ? 0 : await spooledRows(second)).toBe(3);
  }, 60_000);
  // Away from everybody: nobody can be forgotten, and nobody is.
  expect((await call(0, "POST", "/v1/forget", { user_id: "alice" })).status).toBe(503);
  await deployment.clickhouse.heal();

  const accepted = await vi.waitFor(async () => {
    const answer = await call(0, "POST", "/v1/forget", { user_id: "alice", suppress: true });
    expect(answer.status).toBe(202);
    return answer;
  }, 60_000);
  await drained(deployment);
  const progress = async () => (await call(1, "GET", `/v1/forget/${accepted.body.request_id}`)).body;
  await vi.waitFor(async () => expect(await progress()).toMatchObject({ state: "done" }), {
    timeout: 150_000,
    interval: 500,
  });
  for (const process of [0, 1]) {
    expect((await call(process, "POST", "/v1/track", event(`later-${process}`, "alice", phone))).status).toBe(202);
    expect((await call(process, "POST", "/v1/track", event(`bob-${process}`, "bob", "bob-phone"))).status).toBe(202);
  }
  await drained(deployment);
  for (const process of [0, 1]) expect(await shown(process)).toEqual(["b1", "b2", "bob-0", "bob-1"]);
}, 600_000);
