import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiProcess } from "../test/api-process.ts";
import { batchOf } from "./bodies.ts";
import { load } from "./load.ts";
import { manySenders, megabytes, mostResident, newProject } from "./memory.ts";
import { startFlags } from "./start-flags.ts";

/** Three days of ten events a second. */
const threeDays = 3 * 24 * 3600 * 10;
const batchSize = 100;
const parts = 12;
/** Of the parts, to warm up. */
const warmUp = 4;
const reads = ["/v1/query?limit=100", "/v1/stats?metric=uniques&interval=day", "/v1/devices"];

/** As many events as three days bring, as fast as they are taken, reads and metrics in between: how much memory each part needed. */
export async function benchSoak([given]: string[]): Promise<void> {
  const events = Number(given ?? threeDays);
  const folder = mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  const api = apiProcess(folder, manySenders, startFlags);
  await api.start();
  const { sk, rk } = await newProject(api);
  const most: number[] = [];
  const start = performance.now();
  let done = 0;
  for (let part = 0; part < parts; part++) {
    const requests = Math.ceil((events * (part + 1)) / parts / batchSize) - done;
    const body = batchOf(batchSize);
    const sending = load({ url: api.url(), key: sk, path: "/v1/batch", connections: 32, requests, body });
    most.push(await mostResident(api, sending));
    const { statuses } = await sending;
    if (statuses["202"] !== requests) throw new Error(`answered ${JSON.stringify(statuses)}`);
    done += requests;
    for (const path of [...reads, "/metrics"])
      await (await fetch(`${api.url()}${path}`, { headers: { authorization: `Bearer ${rk}` } })).text();
  }
  const warm = most.slice(warmUp);
  const early = Math.max(...warm.slice(0, warm.length / 2));
  const late = Math.max(...warm.slice(warm.length / 2));
  console.log(
    `soak: ${(done * batchSize).toLocaleString("en")} events in ${Math.round((performance.now() - start) / 1000)} s; ` +
      `most resident in each of ${parts} parts, MB: ${most.map(megabytes).join(" ")}; ` +
      `after warm-up ${megabytes(early)} in the first half, ${megabytes(late)} in the second`,
  );
  await api.stop("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
