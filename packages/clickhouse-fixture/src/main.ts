import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openEngine } from "./engine.ts";
import { createFaults } from "./fault.ts";
import type { Command, Message, ProcessOptions } from "./protocol.ts";
import { startReplica } from "./replica.ts";

// The fixture's own process: the engine takes one data folder per process, and a test wants to kill it. Started by
// startClickHouse, or by hand: `pnpm start '{"ports":[8123]}'`.
const { dataDir, user, password, database, ports }: ProcessOptions = {
  dataDir: "",
  user: "default",
  password: "",
  database: "default",
  ports: [0],
  ...(JSON.parse(process.argv[2] ?? "{}") as Partial<ProcessOptions>),
};

const engine = openEngine(dataDir || mkdtempSync(join(tmpdir(), "clickhouse-fixture-")));
const nowhere = { database: "default", settings: new Map(), params: new Map(), format: "TSV" };
await engine.run({ ...nowhere, sql: `CREATE DATABASE IF NOT EXISTS \`${database}\`` });
const faults = createFaults();
const replicas = await Promise.all(
  ports.map((port, index) => startReplica({ engine, faults, index, database, user, password, port })),
);

async function obey(command: Command): Promise<void> {
  if (command.ask === "heal") {
    faults.clear();
    await Promise.all(replicas.map((replica) => replica.heal()));
  } else if (command.ask === "fault") {
    const { fault } = command;
    if (fault.kind !== "refuse") return faults.add(fault);
    const refusing = replicas.filter((_, index) => fault.replica === undefined || fault.replica === index);
    await Promise.all(refusing.map((replica) => replica.refuse(fault.ms)));
  }
}

const say = (message: Message) => process.send?.(message);

process.on("message", (command: Command) => {
  obey(command).then(
    () => say({ id: command.id, played: faults.played() }),
    (error: unknown) => say({ id: command.id, problem: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

say({ ready: replicas.map(({ port }) => port) });
if (process.send === undefined)
  for (const { port } of replicas) process.stdout.write(`ClickHouse at http://127.0.0.1:${port}\n`);
