import type { Credentials } from "./credentials.ts";
import type { Fault } from "./fault.ts";

/** What the process is started with, as JSON in its first argument. */
export interface ProcessOptions extends Credentials {
  dataDir: string;
  database: string;
  /** One for each replica; 0 takes a free one, and keeps it. */
  ports: number[];
}

/** What the test asks of the process. */
export type Command = { id: number } & ({ ask: "fault"; fault: Fault } | { ask: "heal" } | { ask: "played" });

/** What the process says: once that it is ready, then an answer to each command. */
export type Message =
  | { ready: number[] }
  | { id: number; played: Record<string, number> }
  | { id: number; problem: string };
