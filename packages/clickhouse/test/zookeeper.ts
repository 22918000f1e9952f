import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

// Debian's packages zookeeper and default-jre-headless.
const java = "/usr/share/java";
const jars = ["zookeeper", "zookeeper-jute", "slf4j-api", "slf4j-nop", "netty-all", "snappy-java", "metrics-core"];

export const zookeeperInstalled =
  existsSync(`${java}/zookeeper.jar`) && spawnSync("java", ["-version"], { stdio: "ignore" }).status === 0;

/** A real ZooKeeper, which speaks the protocol of ClickHouse Keeper. */
export class ZooKeeper {
  readonly #folder = mkdtempSync(join(tmpdir(), "zookeeper-"));
  #process: ChildProcess | undefined;
  port = 0;

  async open(): Promise<void> {
    this.port = await freePort();
    const file = join(this.#folder, "zoo.cfg");
    const lines = [
      "tickTime=2000",
      `dataDir=${this.#folder}`,
      `clientPort=${this.port}`,
      "clientPortAddress=127.0.0.1",
      "admin.enableServer=false",
      "4lw.commands.whitelist=*",
    ];
    writeFileSync(file, lines.join("\n"));
    const path = jars.map((jar) => `${java}/${jar}.jar`).join(":");
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    this.#process = spawn("java", ["-Xmx128m", "-cp", path, main, file], { stdio: "ignore" });
    for (let attempt = 0; !(await this.ask("srvr").catch(() => "")).includes("Mode:"); attempt++) {
      if (attempt > 600 || this.#process.exitCode !== null) throw new Error("ZooKeeper does not start");
      await wait(100);
    }
  }

  /** @returns its answer to a four-letter word */
  async ask(word: string): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    // One that is starting takes connections that it never answers.
    socket.setTimeout(1_000, () => socket.destroy());
    socket.write(word);
    await new Promise((resolve, reject) => socket.once("close", resolve).once("error", reject));
    return text;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process?.once("exit", resolve));
    this.#process?.kill("SIGKILL");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
