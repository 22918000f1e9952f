import { afterEach, expect, test, vi } from "vitest";
import { type Options, resolveOptions } from "./options.ts";

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
  [{ ...good, key: 42 }, "key must be a string, but is number."],
  [
    { ...good, host: "" },
    "no host. Pass init({ host }) with the URL of your API, or set MILLIMETRIC_HOST (or AOA_HOST).",
  ],
  [{ ...good, host: "ftp://x.example" }, 'host must be a URL with http:// or https://, but is "ftp://x.example".'],
  [{ ...good, host: "https://x.example/?a" }, "host must not contain ? or #."],
  [{ ...good, flushAt: 1001 }, "flushAt must be a whole number from 1 to 1000, but is 1001."],
  [{ ...good, flushIntervalMs: -1 }, "flushIntervalMs must be a whole number from 0 to 2147483647, but is -1."],
  [{ ...good, maxQueueSize: 0 }, "maxQueueSize must be a whole number from 1 to 9007199254740991, but is 0."],
  [{ ...good, maxQueueBytes: "64" }, 'maxQueueBytes must be a whole number from 1 to 9007199254740991, but is "64".'],
  [
    { ...good, maxRetries: Number.NaN },
    "maxRetries must be a whole number from 0 to 9007199254740991, or Infinity, but is NaN.",
  ],
  [
    { ...good, requestTimeoutMs: Infinity },
    "requestTimeoutMs must be a whole number from 1 to 2147483647, but is Infinity.",
  ],
  [{ ...good, exitTimeoutMs: null }, "exitTimeoutMs must be a whole number from 0 to 2147483647, but is null."],
  [
    { ...good, gzipAtBytes: -1 },
    "gzipAtBytes must be a whole number from 0 to 9007199254740991, or Infinity, but is -1.",
  ],
  [{ ...good, fetch: "fetch" }, "fetch must be a function."],
  [{ ...good, onError: true }, "onError must be a function."],
  [{ ...good, signal: {} }, "signal must be an AbortSignal."],
  [null, "options must be an object: init({ key, host })."],
])("says exactly what is wrong: %#", (options, message) => {
  expect(() => resolveOptions(options as Options)).toThrow(message);
});

test("a wrong key never shows in the message", () => {
  expect(() => resolveOptions({ ...good, key: "hunter2" })).not.toThrow(/hunter2/);
});

afterEach(() => vi.unstubAllEnvs());

test.each([
  ["MILLIMETRIC_KEY", "MILLIMETRIC_HOST"],
  ["AOA_SK", "AOA_HOST"],
])("key and host come from %s and %s where they are not given; what is given wins", (key, host) => {
  vi.stubEnv(key, good.key);
  vi.stubEnv(host, "https://env.example/base/");
  expect(resolveOptions({})).toMatchObject({ key: good.key, host: "https://env.example/base" });
  expect(resolveOptions({ host: "https://given.example" })).toMatchObject({ host: "https://given.example" });
});

test("the new names win over the old ones, and an empty variable counts as none", () => {
  vi.stubEnv("MILLIMETRIC_KEY", "");
  vi.stubEnv("AOA_SK", good.key);
  vi.stubEnv("MILLIMETRIC_HOST", "https://new.example");
  vi.stubEnv("AOA_HOST", "https://old.example");
  expect(resolveOptions({})).toMatchObject({ key: good.key, host: "https://new.example" });
});
