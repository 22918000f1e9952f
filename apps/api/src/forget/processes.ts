import { randomUUID } from "node:crypto";
import { type ClickHouse, instant } from "@millimetric/clickhouse";

/** Milliseconds between two signs of life when nothing else is to be said. */
const signEvery = 10_000;
/** Seconds without a sign of life after which a process counts for nothing: its spool refuses what it should by itself. */
const silentAfter = 30;

interface Other {
  process: string;
  clear: string[];
  removing_since: string | null;
}

/** The API processes over one database, as one of them sees them. */
export interface Processes {
  /** Tells the others before which requests nothing waits here. */
  publish(clear: ReadonlySet<string>): Promise<void>;
  /** Whether nothing older than these requests waits in any process that is alive. */
  allClear(request_ids: readonly string[]): Promise<boolean>;
  /** Makes this process the one that removes; false when another one is. */
  take(): Promise<boolean>;
  /** @throws NotHeld when another process removes, too, and began earlier */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
  /** Says goodbye: nothing waits here any more, and nobody needs to ask. */
  close(): Promise<void>;
}

/** Another process removes. */
export class NotHeld extends Error {}

const alive = `
SELECT process, clear, removing_since
FROM api_processes_v1 FINAL
WHERE NOT closed AND at > now64(3) - toIntervalSecond({silent_after:UInt32})`;

export function createProcesses(clickhouse: ClickHouse): Processes {
  const process = randomUUID();
  let said = "";
  let saidAt = Number.NEGATIVE_INFINITY;
  let clear: string[] = [];
  let removingSince: string | null = null;

  async function say(closed = false): Promise<void> {
    const removing_since = removingSince === null ? null : instant(new Date(removingSince));
    const line = JSON.stringify({ process, clear, removing_since, closed });
    if (line === said && performance.now() - saidAt < signEvery) return;
    await clickhouse.insert({ table: "api_processes_v1", lines: [line], token: randomUUID() });
    said = line;
    saidAt = performance.now();
  }

  const others = () => clickhouse.lookUp<Other>(alive, { silent_after: silentAfter });

  /** Who removes: the one that began first. */
  async function holder(): Promise<string | undefined> {
    const removing = (await others()).flatMap(({ process, removing_since }) =>
      removing_since === null ? [] : [{ process, since: Date.parse(removing_since) }],
    );
    return removing.sort((a, b) => a.since - b.since || (a.process < b.process ? -1 : 1))[0]?.process;
  }

  return {
    async publish(now) {
      clear = [...now].sort();
      await say();
    },
    async allClear(request_ids) {
      return (await others()).every((other) => request_ids.every((id) => other.clear.includes(id)));
    },
    async take() {
      const before = await holder();
      if (before !== undefined && before !== process) return false;
      removingSince ??= new Date().toISOString();
      await say();
      return (await holder()) === process;
    },
    async assertHeld() {
      await say();
      if ((await holder()) !== process) throw new NotHeld("another process removes");
    },
    async release() {
      removingSince = null;
      await say();
    },
    async close() {
      removingSince = null;
      if (said !== "") await say(true);
    },
  };
}
