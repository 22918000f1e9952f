import { type ClickHouse, eventIdSeconds } from "@millimetric/clickhouse";

/**
 * Knows of most ids that SDKs make now that they cannot be stored yet, without asking. An SDK's id is a UUIDv7 and says when it was made.
 * Every id of the time since this process began that goes to an insert is noted here first, so an id of that time which is not noted is
 * stored nowhere. What an id says of its time may be a lie: the argument does not need it to be true.
 * Only where no other process can write.
 */
export interface RecentIds {
  /** An event with this id may be stored from now on. True when none could be until now, whatever its project. */
  meet(event_id: string): boolean;
  /** Resolves when the ids stored by earlier processes are known; until then nothing is new. */
  ready(): Promise<void>;
}

export interface RecentIdsOptions {
  /** Ids to remember; of the oldest ones beyond that nothing is known any more. */
  most?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

/** Milliseconds. Ids are kept by the time in them, in spans of so many. */
const spanMs = 4_096;
/** Ids of a time that is not near are not kept; their whole span is unknown instead. */
const aheadMs = 60_000;
const mostSpans = { kept: 1_000, unknown: 10_000 };
/** Ids of later times are asked for. It bounds what is read at the start. */
const lastsMs = 366 * 86_400_000;

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const spanAt = (ms: number) => Math.floor(ms / spanMs);
/** 2^16 milliseconds are 16 spans. */
const spanOf = (id: string) => Number.parseInt(id.slice(0, 8), 16) * 16 + Number.parseInt(id.slice(9, 10), 16);
/** In which a span begins, epoch seconds. */
const secondOf = (span: number) => Math.floor((span * spanMs) / 1000);
/** 28 of the random bits: two ids that share them are both asked for. */
const tailOf = (id: string) => Number.parseInt(id.slice(29), 16);

export function createRecentIds(
  clickhouse: ClickHouse,
  { most = 250_000, now = Date.now }: RecentIdsOptions = {},
): RecentIds {
  let since = spanAt(now());
  let until = spanAt(now() + lastsMs);
  const kept = new Map<number, Set<number>>();
  const unknown = new Set<number>();
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

  const isKnown = (span: number) => span >= since && span < until && !unknown.has(span);

  function giveUp(span: number): void {
    forget(span);
    unknown.add(span);
    if (unknown.size <= mostSpans.unknown) return;
    for (const each of unknown) if (each < until) until = each;
    unknown.clear();
  }

  function forget(span: number): void {
    ids -= kept.get(span)?.size ?? 0;
    kept.delete(span);
  }

  function forgetOldest(): void {
    let oldest = until;
    for (const span of kept.keys()) if (span < oldest) oldest = span;
    forget(oldest);
    since = oldest + 1;
    for (const span of unknown) if (span < since) unknown.delete(span);
  }

  return {
    ready,
    meet(id) {
      // Noted however ids are compared; but with capitals an id is a text, of which no time is stored.
      const isPlain = uuid7.test(id);
      if (!isPlain && !uuid7.test(id.toLowerCase())) return false;
      const span = spanOf(id);
      if (!isKnown(span)) return false;
      if (span > spanAt(now() + aheadMs)) {
        giveUp(span);
        return false;
      }
      const tails = kept.get(span) ?? new Set();
      kept.set(span, tails);
      const before = tails.size;
      tails.add(tailOf(id));
      const isNew = tails.size > before;
      if (isNew) ids++;
      while (ids > most || kept.size > mostSpans.kept) forgetOldest();
      if (!loaded) ready().catch(() => {});
      return loaded && isNew && isPlain;
    },
  };
}
