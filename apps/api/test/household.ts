import { expect, vi } from "vitest";
import type { TestPlatform, TestProject } from "./platform.ts";

export const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 2, day, hour)).toISOString();

export function householdOf(name: string) {
  const alice = { user_id: `alice-${name}` };
  const bob = { user_id: `bob-${name}` };
  const laptop = { anonymous_id: `laptop-${name}` };
  const page = (who: string, path: string) => ({
    event: "$pageview",
    url: `https://shop.example/${who}-${path}-${name}?utm_source=news&utm_campaign=${who}-campaign-${name}`,
    title: `${who} title ${name}`,
  });
  const identify = (who: object, person: string) => ({
    event: "$identify",
    ...who,
    properties: { email: `${person}@${name}.example` },
  });
  return [
    // Alice's by the next link, then Bob's, then Bob's by the last link.
    { ...page("alice", "before"), ...laptop, timestamp: at(1) },
    { ...identify({ ...laptop, ...alice }, "alice"), timestamp: at(2) },
    { ...page("bob", "between"), ...laptop, timestamp: at(3) },
    { ...identify({ ...laptop, ...bob }, "bob"), timestamp: at(4) },
    { ...page("bob", "after"), ...laptop, timestamp: at(5) },
    { ...page("alice", "phone"), anonymous_id: `alice-phone-${name}`, timestamp: at(6) },
    { ...identify({ anonymous_id: `alice-phone-${name}`, ...alice }, "alice"), timestamp: at(40) },
    { ...page("alice", "server"), ...alice, timestamp: at(8) },
    { ...page("bob", "phone"), anonymous_id: `bob-phone-${name}`, ...bob, timestamp: at(9) },
    { ...page("nobody", "kiosk"), anonymous_id: `kiosk-${name}`, timestamp: at(10) },
  ].map((event, index) => ({ event_id: `${name}-event-${index}`, ...event }));
}

/** Households on a platform, and what is asked of those who live there. */
export function householdsOn(platform: TestPlatform) {
  /** A household: one laptop that two people use, and a phone of each. */
  async function household(name: string): Promise<TestProject> {
    const project = await platform.project(name);
    await send(project, householdOf(name));
    return project;
  }

  async function send({ keys }: TestProject, events: readonly object[]) {
    const { status, body } = await platform.ask("POST", "/v1/batch", { key: keys.sk, body: { events } });
    expect(status).toBe(202);
    return body;
  }

  async function forget({ keys }: TestProject, body: object): Promise<string> {
    const answer = await platform.ask("POST", "/v1/forget", { key: keys.sk, body });
    expect(answer.body).toEqual({ ok: true, queued: true, request_id: expect.any(String) });
    expect(answer.status).toBe(202);
    return answer.body.request_id;
  }

  async function done({ keys }: TestProject, request_id: string) {
    const progress = async () => (await platform.ask("GET", `/v1/forget/${request_id}`, { key: keys.sk })).body;
    await vi.waitFor(async () => expect(await progress()).toMatchObject({ state: "done" }), {
      timeout: 120_000,
      interval: 100,
    });
    return progress();
  }

  async function rowsOf({ keys }: TestProject, paths: readonly string[]): Promise<unknown[]> {
    const answers = await Promise.all(paths.map((path) => platform.ask("GET", path, { key: keys.rk })));
    for (const { status } of answers) expect(status).toBe(200);
    return answers.map(({ body }) => body.rows);
  }

  async function eventIds(project: TestProject): Promise<string[]> {
    const [rows] = await rowsOf(project, ["/v1/query?from=2026-01-01&to=2027-01-01&limit=1000"]);
    return (rows as { event_id: string }[]).map(({ event_id }) => event_id).sort();
  }

  async function ledgerOf({ keys }: TestProject) {
    const { body } = await platform.ask("GET", "/v1/receipts?limit=1000", { key: keys.rk });
    const sum = (name: string) =>
      body.rows.reduce((total: number, row: Record<string, number>) => total + (row[name] ?? 0), 0);
    const names = ["received", "accepted", "stored", "duplicate", "suppressed", "dead", "waiting", "removed"] as const;
    return Object.fromEntries(names.map((name) => [name, sum(name)])) as Record<(typeof names)[number], number>;
  }

  return { household, send, forget, done, rowsOf, eventIds, ledgerOf };
}
