import { setTimeout as wait } from "node:timers/promises";
import { isAboutStatement } from "@millimetric/clickhouse";
import { type AcceptDeps, voidForget } from "./accept.ts";
import { type ForgetRecord, saveForget, unacknowledged } from "./journal.ts";
import { createProcesses, NotHeld } from "./processes.ts";
import { removePeople } from "./removal.ts";

export interface ForgetWorkerOptions extends AcceptDeps {
  /** Removes what is too old to be kept: at the start, then once a day. */
  retain(): Promise<unknown>;
  onTrouble?(error: unknown): void;
}

/** Removes those who are to be forgotten, in the background, one process of several at a time; goes on where another one died. */
export interface ForgetWorker {
  /** There is a new request. */
  wake(): void;
  /** Ends after the step that is under way; another process, or the next one, goes on. */
  close(): Promise<void>;
}

/** Milliseconds between looks for requests of other processes: they know of a new one after at most that. */
const lookEvery = 1_000;
/** Milliseconds after which a removal that failed is tried again. */
const retryAfter = 30_000;
/** Milliseconds after which a request that is not acknowledged never will be. */
const acceptedWithin = 5 * 60_000;

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** With the engine for itself, nobody else can ask or remove. */
const alone = {
  publish: async () => {},
  allClear: async () => true,
  take: async () => true,
  assertHeld: async () => {},
  release: async () => {},
  close: async () => {},
};

export function createForgetWorker(options: ForgetWorkerOptions): ForgetWorker {
  const { clickhouse, forgotten, commit, spool, deadLetters } = options;
  const { exclusive } = clickhouse;
  const processes = exclusive ? alone : createProcesses(clickhouse);
  const stop = new AbortController();
  let woken = Promise.withResolvers<void>();
  const clear = new Set<string>();
  const failedAt = new Map<string, number>();
  const startedAt = Date.now();
  let abandonedAt = Number.NEGATIVE_INFINITY;

  async function assertHeld(): Promise<void> {
    if (stop.signal.aborted) throw new NotHeld("this process ends");
    await processes.assertHeld();
  }

  /** Requests that died before they were acknowledged hide nobody. */
  async function voidAbandoned(): Promise<void> {
    if (performance.now() - abandonedAt < acceptedWithin) return;
    const before = exclusive ? startedAt : Date.now() - acceptedWithin;
    for (const record of await unacknowledged(clickhouse))
      if (Date.parse(record.requested_at) < before) await voidForget(clickhouse, record);
    abandonedAt = performance.now();
  }

  /** Nothing that was received before these requests waits here any more. */
  async function settle(pending: readonly ForgetRecord[]): Promise<void> {
    const unsettled = pending.filter(({ request_id }) => !clear.has(request_id));
    if (unsettled.length > 0) {
      await Promise.all([commit.settled(), deadLetters.flush()]);
      if (spool.stats().rows === 0) for (const { request_id } of unsettled) clear.add(request_id);
    }
    const asked = new Set(pending.map(({ request_id }) => request_id));
    for (const request_id of clear) if (!asked.has(request_id)) clear.delete(request_id);
    await processes.publish(clear);
  }

  async function look(): Promise<void> {
    if (exclusive) await forgotten.ready();
    else await forgotten.refresh();
    const pending = forgotten.pending();
    await settle(pending);
    const due = pending.filter(({ request_id }) => Date.now() - (failedAt.get(request_id) ?? 0) > retryAfter);
    if (due.length === 0) return;
    if (!(await processes.allClear(due.map(({ request_id }) => request_id)))) return;
    if (!(await processes.take())) return processes.release();
    try {
      await remove(due);
    } finally {
      await processes.release();
    }
  }

  async function remove(due: readonly ForgetRecord[]): Promise<void> {
    try {
      for (const record of await removePeople({ ...options, assertHeld }, due)) forgotten.learn(record);
    } catch (error) {
      if (error instanceof NotHeld) return;
      options.onTrouble?.(error);
      for (const record of due) {
        failedAt.set(record.request_id, Date.now());
        const failed: ForgetRecord = { ...record, state: "failed", failure: troubleOf(error) };
        forgotten.learn(failed);
        await saveForget(clickhouse, failed).catch(() => {});
      }
    }
  }

  let retainAt = Number.NEGATIVE_INFINITY;

  async function retainDaily(): Promise<void> {
    if (performance.now() < retainAt || !(await processes.take())) return;
    // When it fails, again in an hour.
    retainAt = performance.now() + hourMs;
    try {
      await options.retain();
      retainAt = performance.now() + dayMs;
    } finally {
      await processes.release();
    }
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      woken = Promise.withResolvers<void>();
      try {
        await voidAbandoned();
        await look();
        await retainDaily();
      } catch (error) {
        options.onTrouble?.(error);
      }
      const idle = exclusive ? retryAfter : lookEvery;
      await Promise.race([woken.promise, wait(idle, undefined, { signal: stop.signal, ref: false }).catch(() => {})]);
    }
  }

  const running = run();
  return {
    wake: () => woken.resolve(),
    async close() {
      stop.abort();
      await running;
      await processes.close().catch(() => {});
    },
  };
}

/** What went wrong, without anything that ClickHouse repeats of the statement. */
export function troubleOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return isAboutStatement(error) ? `ClickHouse refused a step with code ${code}` : "ClickHouse did not answer";
}
