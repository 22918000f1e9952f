import { expect, test } from "vitest";
import { resolveOptions } from "./options.ts";

const good = { key: "sk_live_abcdefgh_0123456789abcdef0123456789abcdef", host: "https://analytics.example.com/" };

test("a host loses its slash at the end, and defaults are filled in", () => {
  expect(resolveOptions(good)).toMatchObject({
    host: "https://analytics.example.com",
    flushAt: 100,
    maxQueueSize: 100_000,
  });
});

test.each([
  [{ ...good, key: "" }, "no key. Pass init({ key })"],
  [{ ...good, key: "pk_live_x" }, "key is a pk_… key, which the API takes only from browsers."],
  [{ ...good, key: "rk_live_x" }, "key is an rk_… key, which only reads."],
  [{ ...good, key: "secret" }, "key must have the form sk_live_… or sk_test_…."],
  [
    { ...good, host: "analytics.example.com" },
    'host must be a URL with http:// or https://, but is "analytics.example.com".',
  ],
  [{ ...good, host: "https://u:p@x.example" }, "host must not contain a user name or password."],
  [{ ...good, flushAt: 0 }, "flushAt must be a whole number from 1 to 1000, but is 0."],
  [{ ...good, retryForMs: 1.5 }, "retryForMs must be a whole number from 0 to 2147483647, but is 1.5."],
])("says exactly what is wrong: %#", (options, message) => {
  expect(() => resolveOptions(options)).toThrow(message);
});

test("a wrong key never shows in the message", () => {
  expect(() => resolveOptions({ ...good, key: "hunter2" })).not.toThrow(/hunter2/);
});
