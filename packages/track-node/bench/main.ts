import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Cost } from "./client.ts";
import { contestants } from "./contestants.ts";
import { type Arrivals, startServer } from "./server.ts";

// node bench/main.ts [events] : prints the tables of docs/benchmarks.md
const events = Number(process.argv[2] ?? 100_000);
/** Milliseconds; what has not arrived by then is lost. */
const patience = 240_000;
const client = fileURLToPath(new URL("./client.ts", import.meta.url));

/** MiB. By default V8 lets 100 MiB of garbage stand, whatever made it; with less room memory tells what a client holds. */
const youngGeneration = "--max-semi-space-size=4";

async function run(name: string, faulty: boolean): Promise<{ arrivals: Arrivals; cost: Cost | undefined }> {
  const server = await startServer(faulty);
  const child = spawn(process.execPath, [youngGeneration, client, name, server.url, String(events)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data));
  const timer = setTimeout(() => child.kill("SIGKILL"), patience);
  await once(child, "close");
  clearTimeout(timer);
  await server.close();
  // Clients write warnings there, too.
  const line = output.split("\n").findLast((one) => one.startsWith('{"cpuMs"'));
  return { arrivals: server.arrivals, cost: line === undefined ? undefined : (JSON.parse(line) as Cost) };
}

const whole = (value: number) => Math.round(value).toLocaleString("en-US");
const per = (cost: Cost | undefined, value: (cost: Cost) => string) =>
  cost === undefined ? "ran out of time" : value(cost);

for (const faulty of [false, true]) {
  console.log(`\n${faulty ? "Faulty" : "Healthy"} server, ${whole(events)} events\n`);
  console.log("| | lost | sent again | counted twice | requests | CPU | `track` | memory | done after |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const name of Object.keys(contestants)) {
    const { arrivals, cost } = await run(name, faulty);
    const counted = [...arrivals.ids.values()].reduce((sum, ids) => sum + ids.size, 0);
    const cells = [
      name,
      whole(events - arrivals.ids.size),
      whole(arrivals.stored - arrivals.ids.size),
      whole(counted - arrivals.ids.size),
      whole(arrivals.requests),
      per(cost, ({ cpuMs }) => `${(cpuMs / 1000).toFixed(2)} s`),
      per(cost, ({ trackMs }) => `${((trackMs * 1000) / events).toFixed(1)} µs`),
      per(cost, ({ startBytes, peakBytes }) => `${whole((peakBytes - startBytes) / 2 ** 20)} MiB`),
      per(cost, ({ seconds }) => `${seconds.toFixed(1)} s`),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
