import type { ClickHouse } from "@millimetric/clickhouse";

export interface Measured {
  /** Milliseconds, sorted. */
  times: number[];
  /** Milliseconds of processor time of the best round; what other work on the machine does not change as much. */
  cpu: number;
  /** Rows that the last round read. */
  rows: number;
  /** Bytes that the hungriest statement held at once, as far as looking every 25 ms shows. */
  memory: number;
}

const counters = `
SELECT
    sumIf(value, event = 'SelectedRows') AS rows,
    sumIf(value, event = 'OSCPUVirtualTimeMicroseconds') / 1000 AS cpu
FROM system.events`;

/**
 * Runs `work` so many times, alone on this engine.
 *
 * @param watched Whether to look for memory, which costs a little processor time itself.
 */
export async function measure(
  clickhouse: ClickHouse,
  rounds: number,
  work: () => Promise<unknown>,
  watched = true,
): Promise<Measured> {
  const times: number[] = [];
  let cpu = Number.POSITIVE_INFINITY;
  let rows = 0;
  let memory = 0;
  for (let round = 0; round < rounds; round++) {
    // It remembers which granules hold nothing for a filter it has seen; the first to ask has no such luck.
    await clickhouse.command("SYSTEM DROP QUERY CONDITION CACHE");
    const [before] = await clickhouse.lookUp<{ rows: number; cpu: number }>(counters);
    const look = async () => {
      const [peak] = await clickhouse.lookUp<{ most: number }>(
        "SELECT max(peak_memory_usage) AS most FROM system.processes",
      );
      memory = Math.max(memory, peak?.most ?? 0);
    };
    const watch = watched ? setInterval(look, 25) : undefined;
    const start = performance.now();
    await work().finally(() => clearInterval(watch));
    times.push(performance.now() - start);
    const [after] = await clickhouse.lookUp<{ rows: number; cpu: number }>(counters);
    cpu = Math.min(cpu, (after?.cpu ?? 0) - (before?.cpu ?? 0));
    rows = (after?.rows ?? 0) - (before?.rows ?? 0);
  }
  return { times: times.toSorted((a, b) => a - b), cpu, rows, memory };
}

/** Several measurements of one thing as one. */
export const together = (all: readonly Measured[]): Measured => ({
  times: all.flatMap(({ times }) => times).toSorted((a, b) => a - b),
  cpu: Math.min(...all.map(({ cpu }) => cpu)),
  rows: all.at(-1)?.rows ?? 0,
  memory: Math.max(...all.map(({ memory }) => memory)),
});

/** @param share 0.5 is the median. */
export const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** 1,234,567 as 1.23M. */
export const brief = (value: number) => compact.format(value);

export const whole = (value: number) => Math.round(value).toLocaleString("en");

/** One line of a table that is read where it is printed. */
export function line(name: string, { times, cpu, rows, memory }: Measured, note = ""): string {
  const cells = [
    `p50 ${whole(quantile(times, 0.5))} ms`.padStart(14),
    `p95 ${whole(quantile(times, 0.95))} ms`.padStart(14),
    `cpu ${whole(cpu)} ms`.padStart(14),
    `${whole(rows)} rows`.padStart(17),
    `${whole(memory / 1e6)} MB`.padStart(9),
  ];
  return `  ${name.padEnd(52)}${cells.join("")}  ${note}`;
}
