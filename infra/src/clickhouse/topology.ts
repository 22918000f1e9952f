/** Which ClickHouse and Keeper nodes there are. Their names are for ever: Raft and replicas know each other by them. */
export interface Topology {
  readonly shards: number;
  readonly replicas: number;
  readonly keepers: number;
  /** Domain below which every node has its name. */
  readonly domain: string;
}

export interface Replica {
  readonly name: string;
  readonly host: string;
  readonly shard: number;
  readonly replica: number;
}

export interface Keeper {
  readonly name: string;
  readonly host: string;
  /** Raft's number of the node: from 1, and never given to another node later. */
  readonly id: number;
}

export const clickhousePorts = { http: 8123, native: 9000, interserver: 9009 } as const;
export const keeperPorts = { client: 9181, raft: 9234 } as const;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** All replicas in waves: the first replica of every shard, then the second of every shard, and so on. */
export function waves({ shards, replicas, domain }: Topology): readonly (readonly Replica[])[] {
  return numbers(replicas).map((replica) =>
    numbers(shards).map((shard) => {
      const name = `s${shard}r${replica}`;
      return { name, host: `${name}.${domain}`, shard, replica };
    }),
  );
}

export function keepers(topology: Topology): readonly Keeper[] {
  return numbers(topology.keepers).map((index) => {
    const name = `k${index + 1}`;
    return { name, host: `${name}.${topology.domain}`, id: index + 1 };
  });
}

/** The first replica of every shard. */
export function shardHeads(topology: Topology): readonly Replica[] {
  return waves({ ...topology, replicas: 1 }).flat();
}
