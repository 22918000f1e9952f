import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, expect, test, vi } from "vitest";
import { generateKey, hashKey } from "./api-key.ts";
import type { ControlPlane, KeyRecord } from "./control-plane.ts";
import { createKeyRing, type KeyRing } from "./key-ring.ts";

const pepper = "pepper-of-the-tests";
const { key, prefix } = generateKey("sk", "live");

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** What all instances share. */
function controlPlane() {
  const records = new Map<string, KeyRecord>();
  const project = { project_id: "p", name: "p", allowed_origins: [], settings: {}, created_at: "" };
  const record = {
    prefix,
    project_id: "p",
    kind: "sk",
    env: "live",
    label: "",
    created_at: "",
    expires_at: null,
  } as const;
  records.set(prefix, { ...record, hash: hashKey(key, pepper) });
  const plane = {
    projects: async () => [project],
    key: async (asked: string) => records.get(asked),
    recordUses: async () => {},
  } as unknown as ControlPlane;
  return { plane, records };
}

/** As a request asks: what is recalled first. */
const works = async (ring: Pick<KeyRing, "recall" | "identify">, asked = key) =>
  ring.recall(asked) !== undefined ||
  ring.identify(asked).then(
    () => true,
    () => false,
  );

test("a revoked key stops within 10 seconds on every instance, also one that used it all the time", async () => {
  vi.useFakeTimers();
  const { plane, records } = controlPlane();
  const rings = [createKeyRing(plane, pepper), createKeyRing(plane, pepper)];
  for (const ring of rings) expect(await works(ring)).toBe(true);
  const record = records.get(prefix) as KeyRecord;
  records.set(prefix, { ...record, expires_at: new Date().toISOString() });
  let seconds = 0;
  const still = async () => (await Promise.all(rings.map((ring) => works(ring)))).includes(true);
  while (await still()) {
    vi.advanceTimersByTime(1_000);
    seconds += 1;
  }
  expect(seconds).toBeLessThanOrEqual(10);
});

test("a rotated key works to the end of the overlap and not a moment longer, although it is cached", async () => {
  vi.useFakeTimers();
  const { plane, records } = controlPlane();
  const record = records.get(prefix) as KeyRecord;
  records.set(prefix, { ...record, expires_at: new Date(Date.now() + 3_000).toISOString() });
  const ring = createKeyRing(plane, pepper);
  expect(await works(ring)).toBe(true);
  vi.advanceTimersByTime(2_999);
  expect(await works(ring)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(await works(ring)).toBe(false);
});

test("a new key works at once, also one whose prefix was asked for before it was made", async () => {
  const { plane, records } = controlPlane();
  const ring = createKeyRing(plane, pepper);
  const made = generateKey("rk", "live");
  expect(await works(ring, made.key)).toBe(false);
  const record = records.get(prefix) as KeyRecord;
  records.set(made.prefix, { ...record, kind: "rk", prefix: made.prefix, hash: hashKey(made.key, pepper) });
  expect(await works(ring, made.key)).toBe(true);
});

test("the work to refuse a key is the same however much of its secret is right, and whether or not its prefix exists", async () => {
  vi.useFakeTimers();
  const compared = vi.spyOn(crypto, "timingSafeEqual");
  const hashed = vi.spyOn(crypto, "createHmac");
  syncBuiltinESMExports();
  const { plane } = controlPlane();
  const ring = createKeyRing(plane, pepper);
  expect(await works(ring)).toBe(true);
  const start = key.lastIndexOf("_") + 1;
  const other = (text: string) => [...text].map((letter) => (letter === "A" ? "B" : "A")).join("");
  const almost = Array.from({ length: key.length - start }, (_, right) => {
    return key.slice(0, start + right) + other(key.slice(start + right));
  });
  for (const guess of [...almost, `sk_live_AAAAAAAA_${"A".repeat(40)}`]) {
    compared.mockClear();
    hashed.mockClear();
    expect(await works(ring, guess)).toBe(false);
    // One keyed hash of the whole key, and comparisons that take as long wherever the two differ: of the whole key with one that was
    // good a moment ago, and of the hashes.
    expect(hashed).toHaveBeenCalledOnce();
    const whole = guess.includes(prefix) ? [[key.length, key.length]] : [];
    expect(compared.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual([...whole, [64, 64]]);
  }
});
