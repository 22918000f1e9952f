import type { IdentitySignals } from "@millimetric/clickhouse";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { manyDevices, manyUsers } from "./identity-signals.ts";
import type { Spool } from "./spool/spool.ts";

type SpoolStats = ReturnType<Spool["stats"]>;

/** What /metrics shows. Nothing is labelled by a project, a key or anything a sender chooses. */
export function createMetrics(ingest: {
  waitingRows(): number;
  spool(): SpoolStats;
  identitySignals(): Promise<IdentitySignals | undefined>;
  /** Requests to forget somebody that are not done. */
  forgets(): readonly { state: string }[];
}) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "millimetric_ingest_waiting_rows",
    help: "Events waiting for their insert.",
    registers,
    collect() {
      this.set(ingest.waitingRows());
    },
  });
  new Gauge({
    name: "millimetric_forgets",
    help: "Requests to forget somebody that are not done, by state.",
    labelNames: ["state"],
    registers,
    collect() {
      const forgets = ingest.forgets();
      for (const state of ["queued", "running", "failed"])
        this.set({ state }, forgets.filter((forget) => forget.state === state).length);
    },
  });
  const spooled = (name: string, help: string, value: (stats: SpoolStats) => number) =>
    new Gauge({
      name: `millimetric_spool_${name}`,
      help,
      registers,
      collect() {
        this.set(value(ingest.spool()));
      },
    });
  spooled("rows", "Events in the spool.", ({ rows }) => rows);
  spooled("bytes", "Bytes of the spool's files.", ({ bytes }) => bytes);
  spooled("damaged_bytes", "Bytes of damaged records set aside at start.", ({ damagedBytes }) => damagedBytes);
  spooled("oldest_seconds", "Age of the oldest event in the spool.", ({ oldestAt }) =>
    oldestAt === undefined ? 0 : (Date.now() - oldestAt) / 1000,
  );
  const signal = (name: keyof IdentitySignals, help: string) =>
    new Gauge({
      name: `millimetric_identity_${name}`,
      help,
      registers,
      async collect() {
        const known = await ingest.identitySignals();
        if (known !== undefined) this.set(known[name]);
      },
    });
  signal("shared_devices", `Visitors that met ${manyUsers} users or more.`);
  signal("users_of_many_devices", `Users that were ${manyDevices} visitors or more.`);
  return {
    registry,
    requests: new Histogram({
      name: "millimetric_http_request_seconds",
      help: "Time to answer, by route and status.",
      labelNames: ["method", "route", "status"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
      registers,
    }),
    stored: new Counter({ name: "millimetric_events_stored_total", help: "Events stored.", registers }),
    duplicates: new Counter({
      name: "millimetric_events_duplicate_total",
      help: "Events that were stored already.",
      registers,
    }),
    suppressed: new Counter({
      name: "millimetric_events_suppressed_total",
      help: "Accepted events that were not stored, because their person was forgotten.",
      registers,
    }),
    spooled: new Counter({
      name: "millimetric_events_spooled_total",
      help: "Events that the spool took, because ClickHouse did not.",
      registers,
    }),
    dead: new Counter({
      name: "millimetric_events_dead_total",
      help: "Accepted events that ClickHouse will never take, kept as dead letters.",
      registers,
    }),
    deadLettersDropped: new Counter({
      name: "millimetric_dead_letters_dropped_total",
      help: "Refused events that were not kept, because there was no room.",
      registers,
    }),
    unknownFields: new Counter({
      name: "millimetric_unknown_fields_total",
      help: "Top-level fields of events that we do not know and ignored.",
      registers,
    }),
    checkedUsers: new Counter({
      name: "millimetric_first_touch_checked_total",
      help: "Users whose first touch from projections was compared with that of their events, read one by one.",
      registers,
    }),
    differentUsers: new Counter({
      name: "millimetric_first_touch_different_total",
      help: "Of the users compared, those for whom the two differed: anything above 0 is a bug.",
      registers,
    }),
    lag: new Histogram({
      name: "millimetric_write_to_read_seconds",
      help: "Time from receiving a group of events to its being readable.",
      buckets: [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600],
      registers,
    }),
    commits: new Histogram({
      name: "millimetric_group_commit_seconds",
      help: "Time to store one group of events.",
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
