import process, { env } from "node:process";
import autocannon from "autocannon";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Deployment, deploy, everyRow, spooledRows } from "./deployment.ts";

// Seconds under load; the long form is OVERLOAD_SECONDS=30.
const { OVERLOAD_SECONDS = "6" } = { ...env };
const batchSize = 200;
const connections = { calm: 50, storm: 800 };

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy({
    apis: 1,
    env: {
      MAX_EVENT_LOOP_DELAY_MS: "500",
      RATE_LIMIT_ADDRESS_PER_SECOND: "1000000",
      RATE_LIMIT_KEY_PER_SECOND: "1000000",
    },
  });
});
afterAll(() => deployment.stop());

let batches = 0;
const acknowledged: string[] = [];

/** Batches of new events; those of acknowledged requests are noted. */
function load(options: { connections: number; duration: number; overallRate?: number }) {
  const { apis, project } = deployment;
  return autocannon({
    url: `${apis[0]?.url()}/v1/batch`,
    method: "POST",
    headers: { authorization: `Bearer ${project.keys.sk}`, "content-type": "application/json" },
    requests: [
      {
        setupRequest(request, context) {
          const batch = ++batches;
          const events = Array.from({ length: batchSize }, (_, n) => {
            return { event: "e", event_id: `${batch}-${n}`, anonymous_id: `v-${batch}`, properties: { n } };
          });
          Object.assign(context, { batch });
          return { ...request, body: JSON.stringify({ events }) };
        },
        onResponse(status, _, context) {
          const { batch } = context as { batch: number };
          if (status === 202) for (let n = 0; n < batchSize; n++) acknowledged.push(`${batch}-${n}`);
        },
      },
    ],
    timeout: 30,
    ...options,
  });
}

test("at four times what it can take, memory is bounded, the rest is told to come back, and what is acknowledged is there", async () => {
  const calm = await load({ connections: connections.calm, duration: 4 });
  const capacity = calm.requests.average;
  const before = deployment.apis[0]?.residentBytes() ?? 0;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, deployment.apis[0]?.residentBytes() ?? 0);
  }, 100);
  const storm = await load({
    connections: connections.storm,
    duration: Number(OVERLOAD_SECONDS),
    overallRate: Math.ceil(4 * capacity),
  });
  clearInterval(watch);
  const statuses = Object.fromEntries(
    Object.entries(storm.statusCodeStats ?? {}).map(([status, { count }]) => [status, count]),
  );
  const megabytes = (bytes: number) => Math.round(bytes / 1_000_000);
  process.stdout.write(
    `capacity ${Math.round(capacity * batchSize)} events/s; under 4× ${JSON.stringify(statuses)}, p50 ${storm.latency.p50} ms, p99 ${storm.latency.p99} ms; ` +
      `resident ${megabytes(before)} MB before, ${megabytes(most)} MB at most\n`,
  );
  expect(Object.keys(statuses).filter((status) => !["202", "429", "503"].includes(status))).toEqual([]);
  expect(storm.timeouts).toBe(0);
  expect(most).toBeLessThan(768_000_000);

  // What was begun is finished when the process ends.
  const [api] = deployment.apis;
  await api?.stop("SIGTERM");
  await api?.start();
  await vi.waitFor(async () => expect(api && (await spooledRows(api))).toBe(0), { timeout: 120_000, interval: 500 });
  const [{ value } = { value: 0 }] = ((await deployment.get("/v1/stats?metric=count")) as { rows: { value: number }[] })
    .rows;
  // Requests that were cut off at the end may have been taken, unheard.
  const unheard = (connections.calm + connections.storm) * batchSize;
  expect(value).toBeGreaterThanOrEqual(acknowledged.length);
  expect(value).toBeLessThanOrEqual(acknowledged.length + unheard);
  const stored = new Set(
    (await everyRow<{ event_id: string }>(deployment, "/v1/query")).map(({ event_id }) => event_id),
  );
  expect(stored.size).toBe(value);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
}, 600_000);
