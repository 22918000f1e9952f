import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What /metrics shows. Nothing is labelled by a project, a key or anything a sender chooses. */
export function createMetrics(waitingRows: () => number) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "millimetric_ingest_waiting_rows",
    help: "Events waiting for their insert.",
    registers,
    collect() {
      this.set(waitingRows());
    },
  });
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
    commits: new Histogram({
      name: "millimetric_group_commit_seconds",
      help: "Time to store one group of events.",
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
