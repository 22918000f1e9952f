import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { env } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { adminToken } from "./platform.ts";

/** Of Linux on x64 and arm64. */
const pageBytes = 4096;

const server = fileURLToPath(new URL("../src/server.ts", import.meta.url));

/** The API as its own process, on one data folder, over many lives. */
export interface ApiProcess {
  /** Of the present life. */
  url(): string;
  /** Bytes of memory that are resident now. */
  residentBytes(): number;
  start(): Promise<void>;
  /** Ends the present life; resolves when the process is gone. */
  stop(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
}

export function apiProcess(
  dataDir: string,
  extra: Record<string, string> = {},
  flags: readonly string[] = [],
): ApiProcess {
  let child: ChildProcess | undefined;
  let url = "http://127.0.0.1:1";
  return {
    url: () => url,
    residentBytes: () => Number(readFileSync(`/proc/${child?.pid}/statm`, "utf8").split(" ")[1]) * pageBytes,
    async start() {
      child = spawn(process.execPath, [...flags, "--conditions=@millimetric/source", server], {
        env: { ...env, DATA_DIR: dataDir, PORT: "0", ADMIN_TOKEN: adminToken, LOG_LEVEL: "silent", ...extra },
        stdio: ["ignore", "pipe", "inherit"],
      });
      if (child.stdout === null) throw new Error("the process has no output");
      for await (const line of createInterface({ input: child.stdout })) {
        const ready = /(?:ready at|listening on) (http:\S+)/.exec(line)?.[1];
        if (ready === undefined) continue;
        url = ready;
        break;
      }
      child.stdout.resume();
    },
    async stop(signal) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
      const gone = once(child, "exit");
      child.kill(signal);
      await gone;
      return child.exitCode;
    },
  };
}
