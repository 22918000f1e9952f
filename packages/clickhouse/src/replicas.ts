import type { ClickHouse } from "./clickhouse.ts";

export interface ReplicaOptions {
  /** Milliseconds that one replica has for a write or a look-up before the next one is asked. Default 2000. */
  attemptMs?: number;
  /** Milliseconds for which a replica that failed comes last. Default 5000. */
  avoidMs?: number;
}

// The server answers, but cannot serve: TIMEOUT_EXCEEDED and the like are about the statement and stay with it.
const notServing = new Set([
  "202", // TOO_MANY_SIMULTANEOUS_QUERIES
  "210", // NETWORK_ERROR
  "225", // NO_ZOOKEEPER
  "236", // ABORTED: it is shutting down
  "242", // TABLE_IS_READ_ONLY
  "243", // NOT_ENOUGH_SPACE
  "252", // TOO_MANY_PARTS
  "279", // ALL_CONNECTION_TRIES_FAILED
  "319", // UNKNOWN_STATUS_OF_INSERT
  "999", // KEEPER_EXCEPTION
]);

/** Whether ClickHouse refused the statement itself, and would again; otherwise it is away, or cannot serve now. */
export const isAboutStatement = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^\d+$/.test(String(error.code)) && !notServing.has(String(error.code));

/**
 * Several replicas of one database as one ClickHouse. Writes and look-ups go to the first one that serves, always in the same order,
 * so that a look-up sees what was written before; reports take turns. What a replica does not take goes to the next one:
 * the same block under the same deduplication token, so that an insert whose answer was lost is stored once all the same.
 * @throws what the last replica said
 */
export function overReplicas(
  replicas: readonly ClickHouse[],
  { attemptMs = 2_000, avoidMs = 5_000 }: ReplicaOptions = {},
): ClickHouse {
  const avoidUntil = new Map<ClickHouse, number>();
  let turn = 0;

  async function first<T>(from: number, work: (replica: ClickHouse) => Promise<T>): Promise<T> {
    const now = performance.now();
    const rotated = [...replicas.slice(from), ...replicas.slice(0, from)];
    const avoided = (replica: ClickHouse) => (avoidUntil.get(replica) ?? 0) > now;
    let failure: unknown;
    for (const replica of [...rotated.filter((each) => !avoided(each)), ...rotated.filter(avoided)]) {
      try {
        const result = await work(replica);
        avoidUntil.delete(replica);
        return result;
      } catch (error) {
        if (isAboutStatement(error)) throw error;
        avoidUntil.set(replica, performance.now() + avoidMs);
        failure = error;
      }
    }
    throw failure;
  }

  const soon = async <T>(work: Promise<T>): Promise<T> => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`the replica did not answer within ${attemptMs} ms`)), attemptMs);
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      work.catch(() => {});
    }
  };

  return {
    exclusive: false,
    changes: () => replicas.reduce((sum, replica) => sum + replica.changes(), 0),
    insert: (block) => first(0, (replica) => soon(replica.insert(block))),
    query: (sql, params) => first(turn++ % replicas.length, (replica) => replica.query(sql, params)),
    lookUp: (sql, params) => first(0, (replica) => soon(replica.lookUp(sql, params))),
    command: (sql, params) => first(0, (replica) => replica.command(sql, params)),
    ping: () =>
      first(0, async (replica) => {
        if (!(await soon(replica.ping()))) throw new Error("the replica does not answer");
        return true;
      }).catch(() => false),
    async close() {
      await Promise.all(replicas.map((replica) => replica.close()));
    },
  };
}
