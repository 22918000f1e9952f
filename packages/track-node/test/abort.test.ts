import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FetchInit, Millimetric, type MillimetricError, type Options } from "../src/index.ts";
import { type FaultyApi, startFaultyApi } from "./faulty-api.ts";

const key = "sk_live_abcdefgh_0123456789abcdef0123456789abcdef";
const signup = { event: "signup", user_id: "user_42" };

let api: FaultyApi;
let errors: MillimetricError[];
beforeEach(async () => {
  api = await startFaultyApi();
  errors = [];
});
afterEach(() => api.close());

const client = (options: Options = {}) =>
  new Millimetric({ key, host: api.host, onError: (error) => errors.push(error), ...options });

test("an aborted client cuts its request, drops what waits, says what is lost, and takes nothing more", async () => {
  api.faults.push("hang");
  const stop = new AbortController();
  const mm = client({ flushAt: 1, signal: stop.signal });
  const inFlight = mm.track(signup);
  await vi.waitFor(() => expect(api.requests).toHaveLength(1), 60_000);
  const waiting = mm.track(signup);
  const flushed = mm.flush();
  stop.abort();
  expect(await flushed).toMatchObject({ accepted: 0, dropped: 2, pending: 0 });
  expect(errors).toMatchObject([{ code: "aborted", lost: [{ event_id: inFlight }, { event_id: waiting }] }]);
  expect(mm.track(signup)).toBeUndefined();
  expect(errors.at(-1)).toMatchObject({ code: "closed" });
});

test("a signal ends the waiting of flush early: nothing is lost, and it is still sent", async () => {
  api.faults.push({ status: 503, headers: { "retry-after": "2" } });
  const mm = client();
  mm.track(signup);
  const patience = new AbortController();
  const flushed = mm.flush({ signal: patience.signal });
  await vi.waitFor(() => expect(api.requests).toHaveLength(1), 60_000);
  patience.abort();
  expect(await flushed).toMatchObject({ accepted: 0, dropped: 0, pending: 1 });
  expect(await mm.flush({ signal: AbortSignal.abort() })).toMatchObject({ pending: 1 });
  expect(await mm.flush()).toMatchObject({ accepted: 1, pending: 0 });
  await mm.close();
});

test("a signal ends close early: what is not through by then is reported", async () => {
  api.faults.push("hang");
  const mm = client();
  const id = mm.track(signup);
  const patience = new AbortController();
  const closed = mm.close({ timeoutMs: 60_000, signal: patience.signal });
  patience.abort();
  expect(await closed).toMatchObject({ dropped: 1, pending: 0 });
  expect(errors.at(-1)).toMatchObject({ code: "closed", lost: [{ event_id: id }] });
});

test("an injected fetch gets every request, and the signal that cuts it", async () => {
  const calls: [string, FetchInit][] = [];
  const mm = client({
    gzipAtBytes: Number.POSITIVE_INFINITY,
    async fetch(url, init) {
      calls.push([url, init]);
      return { status: 202, headers: new Headers(), text: async () => '{"ok":true,"accepted":1,"rejected":[]}' };
    },
  });
  const id = mm.track(signup);
  expect(await mm.close()).toMatchObject({ accepted: 1 });
  expect(api.requests).toEqual([]);
  const [[url, init] = []] = calls;
  expect(url).toBe(`${api.host}/v1/batch`);
  expect(init).toMatchObject({ method: "POST", redirect: "manual", signal: expect.any(AbortSignal) });
  expect(JSON.parse(String(init?.body))).toMatchObject({ events: [{ event_id: id }] });
});

test("a request over its time is cut, and tried again under the same id", async () => {
  api.faults.push("hang");
  const mm = client({ requestTimeoutMs: 1_000 });
  const id = mm.track(signup);
  expect(await mm.flush()).toMatchObject({ accepted: 1 });
  expect(errors).toMatchObject([{ code: "timeout", retryable: true, lost: [] }]);
  expect(api.deliveries.map(({ event_id }) => event_id)).toEqual([id]);
  await mm.close();
});
