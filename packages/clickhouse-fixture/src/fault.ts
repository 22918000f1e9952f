/** Exceptions that a server in trouble answers with, and their codes. */
export const exceptionCodes = {
  TIMEOUT_EXCEEDED: 159,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  MEMORY_LIMIT_EXCEEDED: 241,
  TABLE_IS_READ_ONLY: 242,
  TOO_MANY_PARTS: 252,
  UNKNOWN_STATUS_OF_INSERT: 319,
  KEEPER_EXCEPTION: 999,
} as const;

/** Which requests a fault is played on. */
export interface Aim {
  /** Index in `urls`. Default: all. */
  replica?: number;
  /** Default: every request, with pings where the fault has a meaning for them. */
  only?: "inserts" | "selects";
  /** How often. Default: until healed. */
  times?: number;
  /** Play it after the statement was executed: only its answer is lost. @default false */
  executed?: boolean;
}

/** What one request meets. */
export type Blow =
  /** No answer, for ever; the connection stays open until healed. */
  | { kind: "hang" }
  /** Milliseconds late: the statement, or with `executed` only its answer. It is executed even when the client gave up. */
  | { kind: "slow"; ms: number }
  /** Status 200 and headers, then the connection ends. */
  | { kind: "cut" }
  /** Half of the result, then the connection is reset. */
  | { kind: "reset" }
  /** A 500 that is not ClickHouse's, as a proxy makes it. */
  | { kind: "http500" }
  | { kind: "exception"; type: keyof typeof exceptionCodes }
  /** Half of the result, then an exception in its tail. Always executed; on inserts a plain exception. */
  | { kind: "break"; type: keyof typeof exceptionCodes };

/** The port is closed and every connection ended, until healed or for so many milliseconds. */
export interface Refusal {
  kind: "refuse";
  replica?: number;
  ms?: number;
}

/** Anything at all, by chance. The n-th request on the fixture meets the n-th draw, so clients that ask in turn see the same again. */
export interface RandomFaults extends Omit<Aim, "executed"> {
  kind: "random";
  seed: number;
  /** Of a request to meet a fault. @default 0.2 */
  probability?: number;
  /** What may happen, each as likely. Default: every kind, with slowness and refusals up to 300 ms. */
  choice?: readonly ((Blow & Pick<Aim, "executed">) | Omit<Refusal, "replica">)[];
}

export type Fault = (Blow & Aim) | Refusal | RandomFaults;

/** A request, as far as faults care. */
export interface Target {
  replica: number;
  kind: "ping" | "insert" | "select" | "other";
}

const aimsAt = ({ replica, only }: Pick<Aim, "replica" | "only">, target: Target): boolean =>
  (replica === undefined || replica === target.replica) && (only === undefined || only === `${target.kind}s`);

/** A ping runs no statement. */
const hasMeaning = ({ kind }: Pick<Fault, "kind">, target: Target): boolean =>
  target.kind !== "ping" || (kind !== "exception" && kind !== "break");

/** A small generator of numbers from 0 to 1 (mulberry32): the same seed gives the same ones. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const everything = (random: () => number): NonNullable<RandomFaults["choice"]> => {
  const executed = random() < 0.5;
  const ms = Math.floor(random() * 300);
  const exception = (type: keyof typeof exceptionCodes) => ({ kind: "exception", type, executed }) as const;
  return [
    { kind: "refuse", ms },
    { kind: "hang", executed },
    { kind: "slow", ms, executed },
    { kind: "cut", executed },
    { kind: "reset", executed },
    { kind: "http500", executed },
    { kind: "break", type: "MEMORY_LIMIT_EXCEEDED" },
    exception("TOO_MANY_PARTS"),
    exception("TABLE_IS_READ_ONLY"),
    exception("MEMORY_LIMIT_EXCEEDED"),
    exception("TIMEOUT_EXCEEDED"),
  ];
};

/** What a request is about to meet. */
export type Met = (Blow & Pick<Aim, "executed">) | Refusal;

/** The faults that are in force. */
export function createFaults() {
  let inForce: { fault: (Blow & Aim) | RandomFaults; left: number; random: () => number }[] = [];
  const played: Record<string, number> = {};

  function draw({ probability = 0.2, choice }: RandomFaults, random: () => number): Met | undefined {
    const hit = random() < probability;
    const possible = choice ?? everything(random);
    const met = possible[Math.floor(random() * possible.length)];
    return hit ? met : undefined;
  }

  return {
    add(fault: (Blow & Aim) | RandomFaults): void {
      const random = fault.kind === "random" ? randomNumbers(fault.seed) : () => 0;
      inForce.push({ fault, random, left: ("times" in fault ? fault.times : undefined) ?? Number.POSITIVE_INFINITY });
    },
    clear(): void {
      inForce = [];
    },
    /** The fault that this request meets; the first one that fits counts. */
    meet(target: Target): Met | undefined {
      for (const entry of inForce) {
        const { fault } = entry;
        if (entry.left <= 0 || !aimsAt(fault, target)) continue;
        const met = fault.kind === "random" ? draw(fault, entry.random) : fault;
        if (met === undefined || !hasMeaning(met, target)) continue;
        entry.left--;
        played[met.kind] = (played[met.kind] ?? 0) + 1;
        return met.kind === "refuse" ? { ...met, replica: target.replica } : met;
      }
      return undefined;
    },
    /** How often each kind was played since the process began. */
    played: (): Record<string, number> => ({ ...played }),
  };
}

export type Faults = ReturnType<typeof createFaults>;
