import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ingest = fileURLToPath(new URL("./ingest-process.ts", import.meta.url));

export interface Killed {
  /** Rows in the database when the process opened it. */
  stored: number;
  /** Rows that the process said were stored. */
  acknowledged: number;
  /** What it complained about, if it did. */
  message: string;
}

/** Another process that opens `path` and inserts single rows; killed with SIGKILL after that many acknowledgements. */
export async function ingestUntilKilled(path: string, acknowledgements: number): Promise<Killed> {
  const child = spawn(process.execPath, ["--conditions=@millimetric/source", ingest, path], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killed: Killed = { stored: -1, acknowledged: 0, message: "" };
  child.stderr.on("data", (data: Buffer) => {
    killed.message += data.toString();
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("stored ")) killed.stored = Number(line.slice("stored ".length));
    else killed.acknowledged++;
    if (killed.stored >= 0 && killed.acknowledged >= acknowledgements) child.kill("SIGKILL");
  }
  return killed;
}
