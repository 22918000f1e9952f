import { type ClickHouse, eventIdSeconds } from "@millimetric/clickhouse";

/**
 * Knows of most ids that SDKs make now that they cannot be stored yet, without asking. An SDK's id is a UUIDv7 and says when it was made.
 * Every id of the time since this process began that goes to an insert is noted here first, so an id of that time which is not noted is
 * stored nowhere. What an id says of its time may be a lie: the argument does not need it to be true.
 * Only where no other process can write.
 */
export interface RecentIds {
  /** True when no event with this id can be stored, whatever its project. */
  isNew(event_id: string): boolean;
  /** An event with this id may be stored from now on. */
  add(event_id: string): void;
  /** Resolves when the ids stored by earlier processes are known; until then nothing is new. */
  ready(): Promise<void>;
}

export interface RecentIdsOptions {
  /** Ids to remember; of the oldest ones beyond that nothing is known any more. */
  most?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

/** Ids are kept by the first nine hex digits of their time: spans of 4.1 seconds, in the order of their text. */
const digits = 9;
const spanMs = 16 ** (12 - digits);
/** Ids of a time that is not near are not kept; their whole span is unknown instead. */
const aheadMs = 60_000;
const mostSpans = { kept: 1_000, unknown: 10_000 };
/** Ids of later times are asked for. It bounds what is read at the start. */
const lastsMs = 366 * 86_400_000;

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const spanOf = (id: string) => id.slice(0, 8) + id.slice(9, digits + 1);
const spanAt = (ms: number) =>
  Math.floor(ms / spanMs)
    .toString(16)
    .padStart(digits, "0");
/** In which a span begins, epoch seconds. */
const secondOf = (span: string) => Math.floor((Number.parseInt(span, 16) * spanMs) / 1000);
/** 30 of the random bits: two ids that share them are both asked for. */
const tailOf = (id: string) => Number.parseInt(id.slice(28), 16) & 0x3fff_ffff;

export function createRecentIds(
  clickhouse: ClickHouse,
  { most = 250_000, now = Date.now }: RecentIdsOptions = {},
): RecentIds {
  let since = spanAt(now());
  let until = spanAt(now() + lastsMs);
  const kept = new Map<string, Set<number>>();
  const unknown = new Set<string>();
  let ids = 0;
  let loaded = false;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    const from = since;
    const limit = mostSpans.unknown + 1;
    const seconds = await eventIdSeconds(clickhouse, { from: secondOf(from), to: secondOf(until) + 1, limit });
    if (seconds.length === limit) until = from;
    for (const second of seconds) for (const ms of [0, 999]) giveUp(spanAt(second * 1000 + ms));
    loaded = true;
  }

  function ready(): Promise<void> {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loaded ? Promise.resolve() : loading;
  }

  const isKnown = (span: string) => span >= since && span < until && !unknown.has(span);

  function giveUp(span: string): void {
    forget(span);
    unknown.add(span);
    if (unknown.size <= mostSpans.unknown) return;
    for (const each of unknown) if (each < until) until = each;
    unknown.clear();
  }

  function forget(span: string): void {
    ids -= kept.get(span)?.size ?? 0;
    kept.delete(span);
  }

  function forgetOldest(): void {
    let oldest = until;
    for (const span of kept.keys()) if (span < oldest) oldest = span;
    forget(oldest);
    since = (Number.parseInt(oldest, 16) + 1).toString(16).padStart(digits, "0");
    for (const span of unknown) if (span < since) unknown.delete(span);
  }

  return {
    ready,
    isNew(id) {
      if (!loaded) {
        ready().catch(() => {});
        return false;
      }
      if (!uuid7.test(id)) return false;
      const span = spanOf(id);
      return isKnown(span) && kept.get(span)?.has(tailOf(id)) !== true;
    },
    add(given) {
      // However ids are compared, capitals included.
      const id = given.toLowerCase();
      if (!uuid7.test(id)) return;
      const span = spanOf(id);
      if (!isKnown(span)) return;
      if (span > spanAt(now() + aheadMs)) return giveUp(span);
      const tails = kept.get(span) ?? new Set();
      kept.set(span, tails);
      ids += tails.has(tailOf(id)) ? 0 : 1;
      tails.add(tailOf(id));
      while (ids > most || kept.size > mostSpans.kept) forgetOldest();
    },
  };
}
