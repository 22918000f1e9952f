import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSessions } from "../src/sessions.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a session is forgotten after its time without a request, never during one", () => {
  const closed: string[] = [];
  let opened = 0;
  const take = createSessions(() => {
    const name = `connection ${++opened}`;
    return { name, close: () => closed.push(name) };
  });
  const request = { id: "s", timeout: 60, check: false };
  const first = take(request);
  vi.advanceTimersByTime(100_000);
  first.release();
  vi.advanceTimersByTime(59_000);
  take({ ...request, check: true }).release();
  vi.advanceTimersByTime(59_000);
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(closed).toEqual(["connection 1"]);
  expect(() => take({ ...request, check: true })).toThrow("SESSION_NOT_FOUND");
  expect(take(request).connection.name).toBe("connection 2");
  expect(() => take(request)).toThrow("SESSION_IS_LOCKED");
});
