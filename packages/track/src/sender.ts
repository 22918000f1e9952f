import { exclusively } from "./lock.ts";
import type { Queue, Waiting } from "./queue.ts";
import { backOff, backOffMs, isRetryable, retryAfterMs } from "./retry.ts";
import type { Store } from "./storage.ts";
import { warn } from "./warn.ts";

/** Bytes of one request. Browsers let 64 KB be under way when a page goes: one request that runs, and one more. */
const maxBytes = 30_000;
/** Milliseconds for one request, answer included. */
const requestTimeoutMs = 15_000;

export interface SenderOptions {
  url: string;
  key: string;
  intervalMs: number;
  store: Store;
  queue: Queue;
  /** Names this tab. */
  tab: string;
  /** Whether nothing may be sent, and nothing kept. */
  isBlocked(): boolean;
}

/** Sends what waits, whichever tab it is from: one request at a time among all tabs. */
export interface Sender {
  /** Sends in so many milliseconds, or earlier when that was planned. */
  schedule(ms: number): void;
  /** Sends now. Resolves when everything is through, or has to wait for another try. */
  flush(): Promise<void>;
  /** Sends at once what is not under way: the page may be gone after this call. `forGood`: it hears of no answer any more. */
  leave(forGood: boolean): void;
  /** The page came back from the back/forward cache. */
  back(): void;
  /** The network is back. */
  online(): void;
}

export function createSender({ url, key, intervalMs, store, queue, tab, isBlocked }: SenderOptions): Sender {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let attempt = 0;
  let limit = maxBytes;
  let unreachable = false;
  let gone = false;
  let draining: Promise<unknown> | undefined;

  // Shared by the tabs: until when nothing is sent, and which events are under way. What cannot be true was written by something else.
  const msUntil = (time: unknown, most: number) => {
    const ms = Number(time) - Date.now();
    return ms <= most ? ms : 0;
  };
  const pauseMs = () => msUntil(store.get("wait"), backOff.retryAfterCap);
  function underWay(): Set<string> {
    const ids: string[] = [];
    for (const name of store.names("sent")) {
      const [until, ...sent] = (store.get(name) ?? "").split(" ");
      if (msUntil(until, requestTimeoutMs) > 0) ids.push(...sent);
      else store.remove(name);
    }
    return new Set(ids);
  }

  function schedule(ms: number): void {
    if (Date.now() + ms >= dueAt) return;
    clearTimeout(timer);
    dueAt = Date.now() + ms;
    timer = setTimeout(flush, ms);
  }

  /** One request; gives the status, or 0 when there was no answer. The request is on its way when the call returns. */
  async function post(batch: readonly Waiting[]): Promise<number> {
    const body = `{"key":${JSON.stringify(key)},"sent_at":${Date.now()},"events":[${batch.map(({ json }) => json)}]}`;
    try {
      // Text needs no preflight, and keepalive outlives the page.
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "text/plain" },
        body,
        keepalive: body.length < 2 * maxBytes,
        signal: AbortSignal.timeout?.(requestTimeoutMs),
      });
      const { status } = answer;
      if (isRetryable(status)) pauseFor(retryAfterMs(answer.headers.get("retry-after"), Date.now()));
      const said = await answer.json().catch(() => ({}));
      if (said.rejected?.length || status >= 400) warn("not stored:", said);
      // Something else, such as a sign-in page of the network, answers for the API.
      return answer.ok && !said.ok ? 0 : status;
    } catch {
      return 0;
    }
  }

  function pauseFor(ms: number): void {
    if (ms > 0) store.set("wait", `${Date.now() + ms}`);
  }

  /** Sends one batch; gives whether to go on with the next. */
  async function send(batch: readonly Waiting[]): Promise<boolean> {
    const ids = batch.map(({ id }) => id);
    const mark = `sent${ids[0]}`;
    store.set(mark, [Date.now() + requestTimeoutMs, ...ids].join(" "));
    const status = await post(batch);
    // A page that goes loses the answer and not the request: the mark stays, and who comes next tries again when it is over.
    if (gone && !status) return false;
    store.remove(mark);
    unreachable = !status;
    if (status === 413 && batch.length > 1) {
      limit /= 2;
      return true;
    }
    if (!isRetryable(status)) {
      attempt = 0;
      queue.remove(batch);
      return true;
    }
    if (pauseMs() <= 0) pauseFor(backOffMs(attempt++, Math.random()));
    schedule(pauseMs());
    return false;
  }

  async function drain(): Promise<void> {
    for (;;) {
      const wait = pauseMs();
      if (isBlocked()) return;
      if (wait > 0) return schedule(wait);
      const batch = queue.take(limit, underWay());
      if (batch.length === 0) {
        // Sent by a tab that may be gone: then nobody else takes its answer.
        if (queue.any()) schedule(requestTimeoutMs);
        return;
      }
      if (!(await send(batch))) return;
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
    if (isBlocked() || !queue.any()) return;
    draining ??= exclusively(store, tab, drain).then((done) => {
      draining = undefined;
      if (!done) schedule(intervalMs);
    });
    await draining;
  }

  return {
    schedule,
    flush,
    leave(forGood) {
      gone = forGood;
      for (let left = 2; left-- && pauseMs() <= 0 && !isBlocked(); ) {
        const batch = queue.take(limit, underWay(), true);
        if (batch.length === 0) return;
        void send(batch);
      }
    },
    back() {
      gone = false;
      schedule(intervalMs);
    },
    online() {
      if (unreachable) store.remove("wait");
      attempt = 0;
      schedule(0);
    },
  };
}
