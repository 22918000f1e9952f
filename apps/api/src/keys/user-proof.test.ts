import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WorkingSecret } from "./identity-secrets.ts";
import { createUserProofs } from "./user-proof.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const forever = Number.POSITIVE_INFINITY;
const hash = (user_id: string, secret: string) => createHmac("sha256", secret).update(user_id).digest("hex");

/** What instances share: the secrets of one project, and how often they were looked up. */
function shared(...secrets: WorkingSecret[]) {
  const state = { secrets, asked: 0, down: false };
  const proofs = createUserProofs({
    async working() {
      state.asked += 1;
      if (state.down) throw new Error("ClickHouse does not answer");
      return state.secrets;
    },
  });
  const proves = async (secret: string) =>
    (await proofs.check("p", [{ user_id: "u", user_hash: hash("u", secret) }]))[0];
  return { state, proofs, proves };
}

test("a secret that another instance made counts after a second, and a flood of wrong hashes asks no more often", async () => {
  const { state, proves } = shared({ secret: "old", until: forever });
  expect(await proves("old")).toBe(true);
  state.secrets = [...state.secrets, { secret: "new", until: forever }];
  vi.advanceTimersByTime(1_000);
  expect(await proves("new")).toBe(true);
  const before = state.asked;
  for (let guess = 0; guess < 100; guess++) expect(await proves(`guess ${guess}`)).toBe(false);
  expect(state.asked).toBe(before);
});

test("a secret that another instance revoked proves nothing after five seconds", async () => {
  const { state, proves } = shared({ secret: "leaked", until: forever }, { secret: "good", until: forever });
  expect(await proves("leaked")).toBe(true);
  state.secrets = [{ secret: "good", until: forever }];
  vi.advanceTimersByTime(5_000);
  expect([await proves("leaked"), await proves("good")]).toEqual([false, true]);
});

test("an overlap ends when it should, although the secret is cached", async () => {
  const { proves } = shared({ secret: "old", until: Date.now() + 500 }, { secret: "new", until: forever });
  expect([await proves("old"), await proves("new")]).toEqual([true, true]);
  vi.advanceTimersByTime(500);
  expect([await proves("old"), await proves("new")]).toEqual([false, true]);
});

test("while ClickHouse does not answer, the last known secrets count; with none known nobody is let in", async () => {
  const { state, proofs, proves } = shared({ secret: "s", until: forever });
  expect(await proves("s")).toBe(true);
  state.down = true;
  vi.advanceTimersByTime(60_000);
  expect([await proves("s"), await proves("wrong")]).toEqual([true, false]);
  proofs.refresh();
  await expect(proves("s")).rejects.toMatchObject({ code: "upstream_unavailable" });
});
