import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { createInterface } from "node:readline";

const child = new URL("./engineChild.ts", import.meta.url).pathname;

/** Keeps the engine from asking the cloud who it is. */
export const noCloud = {
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_ACCESS_KEY_ID: "nobody",
  AWS_SECRET_ACCESS_KEY: "nothing",
};

export interface EngineOptions {
  /** The server's configuration. */
  readonly config?: string;
  /** The users' configuration. The engine always acts as its user `default`. */
  readonly users?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Data of an earlier engine; a new folder when absent. It goes with the engine that made it. */
  readonly data?: string;
}

/** The real engine, embedded in a process of its own, with configuration files as a server has them. */
export class Engine {
  readonly data: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "engine-"));
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #log = "";

  constructor({ config = "<clickhouse></clickhouse>", users, variables = {}, data }: EngineOptions) {
    this.data = data ?? join(this.#folder, "data");
    const file = join(this.#folder, "config.xml");
    const usersFile = join(this.#folder, "users.xml");
    const pointer = users === undefined ? "" : `<users_config>${usersFile}</users_config>`;
    if (users !== undefined) writeFileSync(usersFile, users);
    writeFileSync(file, config.replace("</clickhouse>", `${pointer}</clickhouse>`));
    this.#process = spawn(execPath, ["--disable-warning=ExperimentalWarning", child, file, this.data], {
      env: { ...env, ...noCloud, ...variables },
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text) => {
      this.#log = (this.#log + text).slice(-4000);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error with the engine's message */
  async ask<Row = Record<string, unknown>>(sql: string): Promise<Row[]> {
    this.#process.stdin.write(`${JSON.stringify(sql)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the engine ended:\n${this.#log}`);
    const answer: { rows?: Row[]; error?: string } = JSON.parse(value);
    if (answer.rows === undefined) throw new Error(answer.error);
    return answer.rows;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
