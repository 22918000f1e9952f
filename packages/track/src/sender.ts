import { canLock, exclusively } from "./lock.ts";
import { isBlocked } from "./privacy.ts";
import * as queue from "./queue.ts";
import { backOffMs, isRetryable, retryAfterCap, retryAfterMs } from "./retry.ts";
import { warn } from "./safely.ts";
import { settings } from "./settings.ts";
import * as store from "./storage.ts";

// Sends what waits, whichever tab it is from: one request at a time among all tabs.

/** Bytes of one request. Browsers let 64 KB be under way when a page goes: a request that runs, and one more. */
const maxBytes = 30_000;
/** Milliseconds for one request, answer included. */
const requestTimeoutMs = 15_000;

// Shared by the tabs: until when nothing is sent, and which events are under way until when.
const pauseName = "mm_wait";
const sentPrefix = "mm_sent";

let timer: ReturnType<typeof setTimeout> | undefined;
let dueAt = Number.POSITIVE_INFINITY;
/** Failed ones in a row. */
let attempts = 0;
let unreachable = false;
/** Whether the journal was read. */
let recovered = false;
let draining: Promise<void> | undefined;

/** Sends in so many milliseconds, or earlier when that was planned. */
export function schedule(ms: number): void {
  if (Date.now() + ms >= dueAt) return;
  clearTimeout(timer);
  dueAt = Date.now() + ms;
  timer = setTimeout(flush, ms);
}

/** Sends now. Resolves when everything is through, or has to wait for another try. */
export async function flush(): Promise<void> {
  clearTimeout(timer);
  dueAt = Number.POSITIVE_INFINITY;
  if (isBlocked()) return;
  draining ??= exclusively(drain)
    .catch(warn)
    .then(() => {
      draining = undefined;
    });
  await draining;
}

/** Sends this page's events at once. */
export function leave(): void {
  for (let left = 2; left-- && !pauseMs(); ) {
    const batch = queue.take(maxBytes, underWay(), true);
    if (batch[0]) void send(batch);
  }
}

/** The network is back. */
export function online(): void {
  if (unreachable) store.remove(pauseName);
  attempts = 0;
  schedule(0);
}

async function drain(): Promise<void> {
  recovered = recovered || (await queue.recover());
  for (;;) {
    const wait = pauseMs();
    const batch = wait ? [] : queue.take(maxBytes, underWay(), !canLock());
    if (!batch[0]) {
      // Those under way are of a tab that may be gone: then nobody takes their answer.
      if (queue.any()) schedule(wait || requestTimeoutMs);
      return;
    }
    if (!(await send(batch))) return;
  }
}

const pauseMs = () => (isBlocked() ? retryAfterCap : store.msUntil(store.get(pauseName), retryAfterCap));

function underWay(): Set<string> {
  const names: string[] = [];
  for (const mark of store.names(sentPrefix)) {
    const [until, ...sent] = store.get(mark).split(" ");
    if (store.msUntil(until, requestTimeoutMs)) names.push(...sent);
    else store.remove(mark);
  }
  return new Set(names);
}

/** Sends one batch; gives whether to go on with the next. */
async function send(batch: readonly queue.Waiting[]): Promise<boolean> {
  const names = batch.map(({ name }) => name);
  const mark = sentPrefix + names[0];
  store.set(mark, [Date.now() + requestTimeoutMs, ...names].join(" "));
  const [status, askedMs] = await post(batch);
  if (isBlocked()) return false;
  store.remove(mark);
  unreachable = !status;
  if (isRetryable(status)) {
    const ms = askedMs || backOffMs(attempts++, Math.random());
    store.set(pauseName, `${Date.now() + ms}`);
    schedule(ms);
    return false;
  }
  attempts = 0;
  await queue.remove(batch);
  return true;
}

/**
 * One request, on its way when the call returns. Gives its status, 0 when nobody answered or something else than the API, and the
 * milliseconds that the answer asks to wait.
 */
async function post(batch: readonly queue.Waiting[]): Promise<[status: number, askedMs: number]> {
  const key = JSON.stringify(settings.key);
  const body = `{"key":${key},"sent_at":${Date.now()},"events":[${batch.map(({ json }) => json)}]}`;
  try {
    // A string goes as text/plain, which needs no preflight. A single event may be larger than what keepalive takes.
    const answer = await fetch(`${settings.host}/v1/batch`, {
      method: "POST",
      body,
      keepalive: queue.bytes(body) < 60_000,
      signal: AbortSignal.timeout?.(requestTimeoutMs),
    });
    const said = await answer.json().catch(() => ({}));
    if (said.error || said.rejected?.[0]) warn("not stored:", said);
    return [answer.ok && !said.ok ? 0 : answer.status, retryAfterMs(answer.headers.get("retry-after"), Date.now())];
  } catch {
    return [0, 0];
  }
}
