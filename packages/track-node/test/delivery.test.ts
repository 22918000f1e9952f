import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Millimetric, type MillimetricError, type Options } from "../src/index.ts";
import { type Fault, type FaultyApi, startFaultyApi } from "./faulty-api.ts";

const key = "sk_live_abcdefgh_0123456789abcdef0123456789abcdef";

let api: FaultyApi;
let errors: MillimetricError[];
beforeEach(async () => {
  api = await startFaultyApi();
  errors = [];
});
afterEach(() => api.close());

const client = (options: Options = {}) =>
  new Millimetric({ key, host: api.host, onError: (error) => errors.push(error), ...options });
const signup = (n: number) => ({ event: "signup", user_id: `user_${n}` });
const ids = () => api.deliveries.map(({ event_id }) => event_id);

test("sends what was tracked, with ids, times, library and sent_at, in one request", async () => {
  const mm = client();
  const first = mm.track({ event: "signup", user_id: 42, anonymous_id: "aid", properties: { plan: "pro" } });
  const second = mm.identify({ user_id: "user_42", anonymous_id: "aid", traits: { plan: "pro" } });
  expect(await mm.close()).toEqual({ accepted: 2, rejected: 0, dropped: 0, pending: 0 });
  expect(api.requests).toHaveLength(1);
  expect(api.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
  expect(api.deliveries).toEqual([
    {
      event: "signup",
      event_id: first,
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      user_id: "42",
      anonymous_id: "aid",
      properties: { plan: "pro" },
      context: { library: { name: "@millimetric/track-node", version: expect.any(String) } },
    },
    expect.objectContaining({ event: "$identify", event_id: second, properties: { plan: "pro" } }),
  ]);
});

test.each<Fault>([{ status: 408 }, { status: 425 }, { status: 429 }, { status: 500 }, { status: 503 }, "cutBefore"])(
  "tries again after %j, with the same ids",
  async (fault) => {
    api.faults.push(fault);
    const mm = client();
    const id = mm.track(signup(1));
    expect(await mm.close()).toMatchObject({ accepted: 1, dropped: 0 });
    expect(ids()).toEqual([id]);
    expect(api.requests).toHaveLength(2);
  },
);

test("an answer that was lost on the way is sent again under the same id, so that it counts once", async () => {
  api.faults.push("cutAfter");
  const mm = client();
  const id = mm.track(signup(1));
  await mm.close();
  expect(ids()).toEqual([id, id]);
});

test.each([400, 401, 403, 404, 422])("never tries again after %i, and reports the loss", async (status) => {
  api.faults.push({ status, body: { error: "invalid_payload", message: "no" } });
  const mm = client();
  const id = mm.track(signup(1));
  expect(await mm.close()).toMatchObject({ accepted: 0, rejected: 1 });
  expect(api.requests).toHaveLength(1);
  expect(errors).toMatchObject([{ code: "refused", status, lost: [{ event_id: id }] }]);
});

test("one refused event of a batch is reported, and the others are taken", async () => {
  api.refuse.add("bad");
  const mm = client();
  mm.track(signup(1));
  const bad = mm.track({ event: "bad", user_id: "u" });
  mm.track(signup(2));
  expect(await mm.close()).toMatchObject({ accepted: 2, rejected: 1 });
  expect(errors).toMatchObject([{ code: "rejected", lost: [{ event_id: bad }] }]);
});

test("a body that is too large is halved until it fits", async () => {
  api.faults.push({ status: 413 }, { status: 413 });
  const mm = client();
  const sent = Array.from({ length: 8 }, (_, n) => mm.track(signup(n)));
  expect(await mm.close()).toMatchObject({ accepted: 8 });
  expect(ids()).toEqual(sent);
  expect(api.requests.length).toBeGreaterThan(4);
});

test("waits as long as Retry-After asks", async () => {
  api.faults.push({ status: 429, headers: { "retry-after": "0.3" } });
  const mm = client();
  mm.track(signup(1));
  await mm.flush();
  const [first = "", second = ""] = api.requests.map(({ sentAt }) => sentAt);
  expect(Date.parse(second) - Date.parse(first)).toBeGreaterThanOrEqual(290);
});

test("a full queue drops the oldest, counts and reports them", async () => {
  const mm = client({ maxQueueSize: 3, flushAt: 1000 });
  const all = Array.from({ length: 5 }, (_, n) => mm.track(signup(n)));
  expect(mm.stats).toMatchObject({ queued: 3, dropped: 2 });
  await mm.close();
  expect(ids()).toEqual(all.slice(2));
  expect(errors).toMatchObject([{ code: "queue_full", count: 2 }]);
});

test("gives up when the retry time is over, and reports what is lost", async () => {
  api.faults.push(...Array.from({ length: 50 }, () => ({ status: 503 })));
  const mm = client({ maxRetries: 1 });
  const id = mm.track(signup(1));
  expect(await mm.flush()).toMatchObject({ dropped: 1 });
  expect(errors.at(-1)).toMatchObject({ code: "gave_up", lost: [{ event_id: id }] });
});

test("close with a server that hangs ends in time, and reports what is lost", async () => {
  api.faults.push("hang");
  const mm = client();
  const id = mm.track(signup(1));
  expect(await mm.close({ timeoutMs: 50 })).toMatchObject({ dropped: 1, pending: 0 });
  expect(errors.at(-1)).toMatchObject({ code: "closed", lost: [{ event_id: id }] });
  expect(mm.track(signup(2))).toBeUndefined();
});

test("what cannot be sent is refused at once, never thrown", () => {
  const mm = client();
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const bad = [
    undefined,
    {},
    { event: "", user_id: "u" },
    { event: "e" },
    { event: "e", user_id: "undefined" },
    { event: "e", user_id: "same", anonymous_id: "same" },
    { event: "e", user_id: "u", timestamp: "yesterday" },
    { event: "e", user_id: "u", properties: circular },
    { event: "e", user_id: "u", properties: { text: "x".repeat(33_000) } },
  ];
  for (const event of bad) expect(mm.track(event as never)).toBeUndefined();
  expect(errors.map(({ code }) => code)).toEqual(bad.map(() => "invalid_event"));
});

test("large bodies travel as gzip", async () => {
  const mm = client();
  for (let n = 0; n < 50; n++) mm.track(signup(n));
  await mm.close();
  expect(api.requests[0]?.headers["content-encoding"]).toBe("gzip");
  expect(api.deliveries).toHaveLength(50);
});

test("whatever the faults, every event is delivered, in order, and never under another id", async () => {
  const fault = fc.constantFrom<Fault>({ status: 503 }, { status: 429 }, "cutBefore", "cutAfter", { status: 413 });
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 4 }), fc.integer({ min: 1, max: 30 }), async (faults, events) => {
      api.faults.push(...faults);
      api.deliveries.length = 0;
      const mm = client({ flushAt: 7 });
      const sent = Array.from({ length: events }, (_, n) => mm.track(signup(n)));
      // A single event that is "too large" is refused for good; everything else must arrive.
      const { accepted, rejected, dropped } = await mm.close({ timeoutMs: 20_000 });
      api.faults.length = 0;
      expect(dropped).toBe(0);
      expect(accepted + rejected).toBe(events);
      const arrived = [...new Set(ids())];
      expect(arrived.length).toBeGreaterThanOrEqual(accepted);
      expect(arrived).toEqual(sent.filter((id) => arrived.includes(id ?? "")));
    }),
    { numRuns: 15, seed: 42 },
  );
}, 300_000);
