import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { renderDrillConfig } from "../../src/clickhouse/drillConfig.ts";
import { Engine, noCloud } from "./engine.ts";
import { FakeS3 } from "./fakeS3.ts";
import { actingAs } from "./users.ts";

const scripts = new URL("../../docker/clickhouse/bin/", import.meta.url).pathname;
const migrations = new URL("../../../packages/clickhouse/migrations/", import.meta.url);
const { PATH: path = "" } = env;

export interface JobEnd {
  readonly code: number | null;
  /** The lines of JSON that it printed. */
  readonly lines: readonly Record<string, unknown>[];
  readonly log: string;
}

/** Shards with real tables, a bucket, and the image's scripts that back one up into the other. */
export class JobStage {
  readonly store = new FakeS3();
  readonly #root = mkdtempSync(join(tmpdir(), "jobs-"));
  #bucket = "";

  async open(): Promise<void> {
    this.#bucket = await this.store.open();
    mkdirSync(this.#at("bin"));
    mkdirSync(this.#at("base"));
    for (const file of ["config.xml", "users.xml"]) writeFileSync(this.#at(`base/${file}`), "<clickhouse/>");
    writeFileSync(this.#at("users.xml"), actingAs("backup"));
    writeFileSync(
      this.#at("server.xml"),
      `<clickhouse><users_config>${this.#at("users.xml")}</users_config></clickhouse>`,
    );
    writeFileSync(this.#at("drill.xml"), renderDrillConfig());
    const command = new URL("./clickhouseCommand.ts", import.meta.url).pathname;
    writeFileSync(this.#at("bin/clickhouse"), `#!/bin/bash\nexec "${execPath}" "${command}" "$@"\n`);
    chmodSync(this.#at("bin/clickhouse"), 0o755);
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.#root, { recursive: true });
  }

  /** Runs statements on a shard as its administrator; `migrated` makes the platform's tables first. */
  async onShard(host: string, statements: readonly string[], options: { migrated?: boolean } = {}): Promise<void> {
    const engine = new Engine({ data: this.#at(host) });
    try {
      if (options.migrated === true) {
        await engine.ask("CREATE DATABASE millimetric");
        await engine.ask("USE millimetric");
        // As a shard holds it, but without a Keeper.
        const table = readFileSync(new URL("0001_create_events.sql", migrations), "utf8").replace(/;\s*$/, "");
        await engine.ask(table.replace("EXISTS events_v1", "EXISTS events_v1_local"));
      }
      for (const statement of statements) await engine.ask(statement);
    } finally {
      await engine.close();
    }
  }

  async run(script: string, hosts: readonly string[]): Promise<JobEnd> {
    const child = spawn("bash", [join(scripts, script)], {
      env: {
        ...noCloud,
        PATH: `${this.#at("bin")}:${path}`,
        ENGINES: this.#root,
        BASE: this.#at("base"),
        ETC: this.#at("etc"),
        HOSTS: hosts.join(" "),
        BACKUP_URL: this.#bucket,
        DRILL_XML: renderDrillConfig(),
      },
    });
    let output = "";
    let log = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      log += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    // Whatever the drill restored goes with its machine.
    rmSync(this.#at("here"), { recursive: true, force: true });
    const lines = output.split("\n").filter((line) => line.startsWith("{"));
    return { code, lines: lines.map((line) => JSON.parse(line)), log };
  }

  #at(name: string): string {
    return join(this.#root, name);
  }
}
