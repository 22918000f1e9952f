import { expect, test } from "vitest";
import { init, Millimetric } from "../src/index.ts";

// What must not compile is marked: the type check fails where an error is expected and does not come.
const options = { key: `sk_live_abcdefgh_${"0".repeat(32)}`, host: "http://127.0.0.1:1", fetch: never };

function never(): Promise<never> {
  return new Promise(() => {});
}

interface MyEvents {
  signup: { plan: "free" | "pro" };
  logged_in: { method?: string };
}

test("declared events are typed by name and properties; reserved ones stay open", () => {
  const errors: string[] = [];
  const mm = new Millimetric<MyEvents>({ ...options, onError: ({ code }) => errors.push(code) });
  mm.track({ event: "signup", user_id: "u", properties: { plan: "pro" } });
  mm.track({ event: "logged_in", user_id: 42n });
  mm.track({ event: "$pageview", anonymous_id: "a", properties: { anything: 1 } });
  // @ts-expect-error: no such plan
  mm.track({ event: "signup", user_id: "u", properties: { plan: "gold" } });
  // @ts-expect-error: its properties are required
  mm.track({ event: "signup", user_id: "u" });
  // @ts-expect-error: no such event
  mm.track({ event: "sign_up", user_id: "u" });
  // @ts-expect-error: an identity needs its user
  mm.identify({ anonymous_id: "a" });
  expect(mm.stats).toMatchObject({ queued: 6, invalid: 1 });
  expect(errors).toEqual(["invalid_event"]);
});

test("undeclared events take any name and properties", () => {
  const mm = init(options);
  expect(mm.track({ event: "whatever", user_id: "u", properties: { a: { b: [1] } } })).toBeTypeOf("string");
});
