import { createHash, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import {
  type ClickHouse,
  eventKey,
  publishClaim,
  rivalClaims,
  storedEventIds,
  writeSeconds,
} from "@millimetric/clickhouse";

interface Claimed {
  project_id: string;
  event_id: string;
}

export interface Claims {
  /**
   * Resolves when no other process can be storing any of these events, and keeps the others away from them. What is stored must be
   * looked up after that, and the insert sent before `sendBy` (`performance.now()`). One call at a time.
   * @throws Error when another process holds one of the events for longer than `patienceMs`, or an earlier insert of this process, under
   * another token, may still store one
   */
  take(rows: readonly Claimed[], token: string): Promise<{ sendBy: number }>;
  /** An insert of these rows may still happen under this token: they stay claimed for as long as it can. */
  uncertain(rows: readonly Claimed[], token: string): void;
  /** These rows are stored. */
  settled(rows: readonly Claimed[]): void;
}

export interface ClaimsOptions {
  /** Default: a new one. Never that of an earlier process, whose insert may still be under way. */
  writer?: string;
  /** Milliseconds to wait for other processes. */
  patienceMs?: number;
}

/** Milliseconds from publishing a claim within which its insert must be sent. */
const sendWithinMs = 15_000;
/** For differences between clocks, and for the commit itself. */
const marginMs = 15_000;
const insertLastsMs = writeSeconds * 1000 + marginMs;
/** A claim outlives every insert that was sent under it. */
const lifetimeMs = sendWithinMs + insertLastsMs;
/** Ids of inserts that may still happen; beyond them nothing new is tried. */
const mostUncertain = 30_000;
/** Milliseconds between looks at the others' claims. */
const pauseMs = 10;

/**
 * Keeps processes that share a database from storing the same event at the same time. Each publishes what it is about to store,
 * then reads what the others have published: of two that overlap, at least one sees the other. It gives way when its writer id is
 * the larger one, and tries again; by then the other has stored the event, or given up.
 */
export function createClaims(
  clickhouse: ClickHouse,
  { writer = randomUUID(), patienceMs = 1_000 }: ClaimsOptions = {},
): Claims {
  let version = 0;
  let turn = 0;
  /** By id: when its insert that may still happen is over at the latest, and the batch that it was in. */
  const uncertainUntil = new Map<string, { until: number; batch: string }>();

  function forgetOver(): void {
    const now = performance.now();
    for (const [id, { until }] of uncertainUntil) if (until < now) uncertainUntil.delete(id);
  }

  async function publish(ids: readonly string[]): Promise<number> {
    const at = performance.now();
    forgetOver();
    await publishClaim(clickhouse, {
      writer,
      version: ++version,
      ids: [...new Set([...ids, ...uncertainUntil.keys()])],
    });
    return at;
  }

  /** Writers that claim one of these rows which is not stored yet. */
  async function rivals(rows: ReadonlyMap<string, Claimed>): Promise<string[]> {
    const holders: string[] = [];
    for (const rival of await rivalClaims(clickhouse, { writer, lifetimeMs })) {
      const contested = rival.contested.flatMap((id) => rows.get(id) ?? []);
      if (contested.length === 0) continue;
      if ((await storedEventIds(clickhouse, contested)).size < contested.length) holders.push(rival.writer);
    }
    return holders;
  }

  /** @throws Error when an earlier insert of this process, under another token, may still store one of these rows: it would be there twice */
  async function checkOwn(rows: ReadonlyMap<string, Claimed>, token: string): Promise<void> {
    forgetOver();
    if (uncertainUntil.size === 0) return;
    const batch = batchOf(token);
    const open = [...rows].flatMap(([id, row]) => ((uncertainUntil.get(id)?.batch ?? batch) === batch ? [] : [row]));
    if (open.length > 0 && (await storedEventIds(clickhouse, open)).size < open.length)
      throw new Error("an earlier insert of some of these events may still happen");
    const more = [...rows.keys()].filter((id) => !uncertainUntil.has(id)).length;
    if (uncertainUntil.size + more > mostUncertain) throw new Error("too many earlier inserts may still happen");
  }

  return {
    async take(rows, token) {
      const mine = ++turn;
      const byId = new Map(rows.map((row) => [claimId(row), row]));
      await checkOwn(byId, token);
      const giveUpAt = performance.now() + patienceMs;
      let publishedAt = await publish([...byId.keys()]);
      while (true) {
        const holders = await rivals(byId);
        if (mine !== turn) throw new Error("nobody waits for this claim any more");
        if (holders.length === 0) return { sendBy: publishedAt + sendWithinMs };
        const late = performance.now() > giveUpAt;
        const gaveWay = late || holders.some((holder) => holder < writer);
        if (gaveWay) await publish([]);
        if (late) throw new Error("another process holds some of these events");
        await wait(pauseMs);
        if (mine !== turn) throw new Error("nobody waits for this claim any more");
        if (gaveWay) publishedAt = await publish([...byId.keys()]);
      }
    },
    uncertain(rows, token) {
      const until = performance.now() + insertLastsMs;
      for (const row of rows) uncertainUntil.set(claimId(row), { until, batch: batchOf(token) });
    },
    settled(rows) {
      for (const row of rows) uncertainUntil.delete(claimId(row));
    },
  };
}

/** What a batch and its halves, which are never tried beside it, have in common. */
const batchOf = (token: string) => token.split("/", 1)[0] ?? token;

/** A 64-bit hash, decimal. */
function claimId(row: Claimed): string {
  return createHash("sha1").update(eventKey(row)).digest().readBigUInt64BE().toString();
}
