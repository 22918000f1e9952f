/** Whose data a query may see: every named query takes one, and a route gets it from the API key alone. */
export interface Scope {
  project_id: string;
  env: "live" | "test";
}

/** Who owns an event that carries no user_id: see stitched_events. */
export type Stitch = "time_sliced" | "first_owner" | "all_devices";

/** `from` inclusive, `to` exclusive. */
export interface Range {
  from: Date;
  to: Date;
}

/** ClickHouse's text form of an instant, in UTC. */
export function instant(date: Date): string {
  const iso = date.toISOString();
  const time = iso.indexOf("T");
  return `${iso.slice(0, time)} ${iso.slice(time + 1, -1)}`;
}
