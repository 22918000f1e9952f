import { expect, expectTypeOf, test } from "vitest";
import { type EventName, flush, getAnonymousId, init, page, track } from "../src/index.ts";

// What must not compile is marked: the type check fails where an error is expected and does not come.
interface MyEvents {
  signup: { plan: "free" | "pro" };
  logged_in: { method?: string };
}

test("declared events are typed by name and properties", () => {
  const mm = init<MyEvents>({ key: "pk" });
  mm.track("signup", { plan: "pro" });
  mm.track("logged_in");
  // @ts-expect-error: no such plan
  mm.track("signup", { plan: "gold" });
  // @ts-expect-error: its properties are required
  mm.track("signup");
  // @ts-expect-error: no such event
  mm.track("sign_up");
  // @ts-expect-error: the key is required
  init({});
  expectTypeOf<EventName<MyEvents>>().toEqualTypeOf<"signup" | "logged_in">();
  expectTypeOf(mm.track("logged_in")).toEqualTypeOf<string | undefined>();
  expect(mm.track).toBeTypeOf("function");
});

test("on a server nothing happens, and nothing throws", async () => {
  expect(track("whatever", { a: { b: [1] } })).toBe(undefined);
  expect([page(), getAnonymousId()]).toEqual([undefined, undefined]);
  await flush();
});
