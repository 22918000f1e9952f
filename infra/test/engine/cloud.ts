import { type ChildProcess, fork } from "node:child_process";
import { FakeCluster } from "../support/fakeCluster.ts";
import type { Ask, Reply } from "./fakeProvider.ts";

const child = new URL("./fakeProvider.ts", import.meta.url).pathname;
const service = "aws:ecs/service:Service";

/** The made-up cloud: the engine talks to its provider, the program's hooks to its cluster, and both see the same services. */
export class Cloud {
  readonly cluster = new FakeCluster();
  /** `verb type name` of everything that was asked for, in order, hooks' tasks between them. */
  readonly calls = this.cluster.calls;
  /** While true, a deployment of the API does not hold, and its circuit breaker takes it back. */
  breaksApi = false;
  #provider: ChildProcess | undefined;

  /** @returns what tells the engine where its providers are */
  async open(): Promise<Record<string, string>> {
    const provider = fork(child, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    this.#provider = provider;
    provider.on("message", (ask: Ask) => provider.send(this.#answer(ask)));
    const port = await new Promise<string>((resolve, reject) => {
      provider.stdout?.once("data", (text) => resolve(String(text).trim()));
      provider.once("exit", () => reject(new Error("the provider ended")));
    });
    return { PULUMI_DEBUG_PROVIDERS: ["aws", "docker-build", "random"].map((name) => `${name}:${port}`).join(",") };
  }

  close(): void {
    this.#provider?.disconnect();
  }

  #answer({ number, verb, type, name, inputs }: Ask): Reply {
    if (verb === "read") return { number, ...this.#serving(type, name) };
    this.calls.push(`${verb} ${type.split(":").at(-1)} ${name}`);
    if (type !== service || verb === "delete") return { number };
    if (name === "api" && this.breaksApi) return { number };
    this.cluster.deploy(name, String(inputs["taskDefinition"]));
    return { number };
  }

  #serving(type: string, name: string): Pick<Reply, "actual"> {
    const serving = type === service ? this.cluster.services.get(name) : undefined;
    return serving === undefined ? {} : { actual: { taskDefinition: serving.taskDefinition } };
  }
}
