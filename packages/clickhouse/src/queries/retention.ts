import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { bind, type StitchedParams } from "./stitched.ts";

export const retentionIntervals = ["day", "week", "month"] as const;

export interface RetentionParams extends StitchedParams {
  interval: (typeof retentionIntervals)[number];
  /** IANA name. */
  timezone: string;
  /** What puts somebody into a cohort; anything at all when absent. */
  event?: string | undefined;
  /** What counts as coming back; anything at all when absent. */
  returning_event?: string | undefined;
}

export interface RetentionRow {
  /** First local date of the day, week or month, `2026-03-02`. */
  cohort: string;
  people: number;
  /** How many of them came back so many intervals later; the interval of the cohort first, that of the range's end last. */
  retained: number[];
}

/** Of the people of each cohort, how many came back, interval by interval. */
export async function retention(clickhouse: ClickHouse, params: RetentionParams): Promise<RetentionRow[]> {
  const cells = await clickhouse.query<{ cohort: string; period: number; people: number }>(loadSql("retention"), {
    ...bind(params),
    interval: params.interval,
    timezone: params.timezone,
    event: params.event ?? "",
    returning_event: params.returning_event ?? "",
  });
  const people = new Map(cells.map((cell) => [`${cell.cohort} ${cell.period}`, cell.people]));
  const cohorts = bucketsOf(params);
  return cohorts.map((cohort, index) => ({
    cohort,
    people: people.get(`${cohort} -1`) ?? 0,
    retained: cohorts.slice(index).map((_, period) => people.get(`${cohort} ${period}`) ?? 0),
  }));
}

/** First local dates of the days, weeks or months that the range touches. */
function bucketsOf({ from, to, interval, timezone }: RetentionParams): string[] {
  const last = localDate(new Date(Math.max(from.getTime(), to.getTime() - 1)), timezone);
  const buckets: string[] = [];
  const date = localDate(from, timezone);
  // Monday is the first day of a week.
  if (interval === "week") date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (interval === "month") date.setUTCDate(1);
  while (date <= last) {
    buckets.push(date.toISOString().slice(0, 10));
    if (interval === "month") date.setUTCMonth(date.getUTCMonth() + 1);
    else date.setUTCDate(date.getUTCDate() + (interval === "week" ? 7 : 1));
  }
  return buckets;
}

/** Midnight in UTC of the date that it is at this instant in the time zone. */
const localDate = (instant: Date, timezone: string) =>
  new Date(`${new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" }).format(instant)}T00:00:00Z`);
