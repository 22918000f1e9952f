import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import type { Fault } from "./fault.ts";
import type { Command, Message, ProcessOptions } from "./protocol.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Threads of the process, hence statements that can run at a time. */
const threads = "32";

export interface ClickHouseOptions {
  /** Folder of the database. Default: one of its own, removed by `stop`. */
  dataDir?: string;
  /** @default "default" */
  user?: string;
  /** @default "" */
  password?: string;
  /** Created when absent, and used by statements that name none. @default "default" */
  database?: string;
  /** Ports on the one database. @default 1 */
  replicas?: number;
}

/** ClickHouse's HTTP interface over the embedded engine, as a process of its own, with outages on demand. */
export interface ClickHouseFixture {
  /** `http://127.0.0.1:port` of the first replica; the same after a restart. */
  readonly url: string;
  /** Of every replica. They share one database and its deduplication. */
  readonly urls: readonly string[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** From now on requests meet this. Several faults can be in force: the one given first that fits a request counts. */
  fault(fault: Fault): Promise<void>;
  /** Ends every fault: ports open, connections that hang are ended. */
  heal(): Promise<void>;
  /** How often each kind of fault was met by a request, since the start or the last restart. */
  played(): Promise<Record<string, number>>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts the process (again), on the same data and ports, without faults. Kills it first when it runs. */
  restart(): Promise<void>;
  /** Ends the process and removes the folder, unless it was given. */
  stop(): Promise<void>;
}

/** Resolves when the fixture answers. */
export async function startClickHouse(options: ClickHouseOptions = {}): Promise<ClickHouseFixture> {
  const { user = "default", password = "", database = "default", replicas = 1 } = options;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "clickhouse-fixture-"));
  let ports: number[] = Array.from({ length: replicas }, () => 0);
  let child: ChildProcess | undefined;
  let asked = 0;

  async function start(): Promise<void> {
    const given: ProcessOptions = { dataDir, user, password, database, ports };
    const started = fork(main, [JSON.stringify(given)], {
      env: { ...env, UV_THREADPOOL_SIZE: threads },
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child = started;
    // Many questions may be open at a time, each with its listeners.
    started.setMaxListeners(0);
    const reply = await nextMessage(started, (message) => "ready" in message);
    if ("ready" in reply) ports = reply.ready;
  }

  async function ask(command: Omit<Command, "id">): Promise<Record<string, number>> {
    if (child === undefined) throw new Error("the ClickHouse fixture is not running");
    const id = ++asked;
    const replied = nextMessage(child, (message) => "id" in message && message.id === id);
    child.send({ ...command, id });
    const reply = await replied;
    if ("problem" in reply) throw new Error(reply.problem);
    return "played" in reply ? reply.played : {};
  }

  async function kill(): Promise<void> {
    const dying = child;
    child = undefined;
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = once(dying, "exit");
    dying.kill("SIGKILL");
    await gone;
  }

  await start();
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  return {
    url: urls[0] ?? "",
    urls,
    user,
    password,
    database,
    async fault(fault) {
      await ask({ ask: "fault", fault } as Omit<Command, "id">);
    },
    async heal() {
      await ask({ ask: "heal" });
    },
    played: () => ask({ ask: "played" }),
    kill,
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      await kill();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The next message of the process that is `wanted`. @throws Error when the process ends before */
function nextMessage(child: ChildProcess, wanted: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: Message) => {
      if (!wanted(message)) return;
      release();
      resolve(message);
    };
    const onExit = (code: number | null) => {
      release();
      reject(new Error(`the ClickHouse fixture ended (${code ?? "killed"})`));
    };
    const release = () => child.off("message", onMessage).off("exit", onExit);
    child.on("message", onMessage).on("exit", onExit);
  });
}
