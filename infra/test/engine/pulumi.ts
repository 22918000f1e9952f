import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { readSettings } from "../../src/config.ts";
import { createHooks } from "../../src/hooks/hooks.ts";
import { createPlatform } from "../../src/platform.ts";
import { Cloud } from "./cloud.ts";

const { devDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
export const pulumiVersion: string = devDependencies.pulumi;
const { PULUMI_ROOT: given, PATH: path } = env;

/** Folder of the CLI, which .ci/pulumi builds; undefined when it is not there. */
export const pulumiRoot = [given ?? join(homedir(), ".cache", "millimetric", "pulumi", pulumiVersion)].find((root) =>
  existsSync(join(root, "bin", "pulumi")),
);

/** A stack of the whole program on the real engine, with its state in a folder, over a made-up cloud. */
export class EngineStack {
  readonly cloud = new Cloud();
  readonly #folder = mkdtempSync(join(tmpdir(), "pulumi-"));
  #stack: Stack | undefined;

  /** @param program default: the whole platform */
  async open(root: string, config: Readonly<Record<string, string>>, program?: () => Promise<unknown>): Promise<void> {
    const providers = await this.cloud.open();
    this.#installPolicyRunner();
    const values = { domain: "events.example.com", hostedZoneId: "Z0123456789ABC", ...config };
    this.#stack = await LocalWorkspace.createStack(
      {
        stackName: "test",
        projectName: "millimetric",
        program: async () => (program === undefined ? this.#platform() : { ...Object(await program()) }),
      },
      {
        workDir: this.#folder,
        pulumiHome: join(this.#folder, "home"),
        pulumiCommand: await PulumiCommand.get({ root, skipVersionCheck: true }),
        envVars: {
          ...providers,
          PATH: `${this.#folder}:${path}`,
          PULUMI_NODEJS_TYPESCRIPT: "false",
          PULUMI_BACKEND_URL: `file://${this.#folder}`,
          PULUMI_CONFIG_PASSPHRASE: "a passphrase",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        },
      },
    );
    for (const [key, value] of Object.entries(values)) await this.configure(key, value);
  }

  async #platform() {
    const stored = await this.stack.getAllConfig();
    const lookup = (key: string) => stored[`millimetric:${key}`]?.value;
    const settings = readSettings({ stack: "test", region: "eu-central-1", lookup });
    return createPlatform(
      settings,
      createHooks(settings.region, () => this.cloud.cluster),
    );
  }

  /** What the CLI's own plugin does: it runs a pack of rules with Node. */
  #installPolicyRunner(): void {
    const plugin = join(this.#folder, "pulumi-analyzer-policy-nodejs");
    const runner = fileURLToPath(import.meta.resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js"));
    writeFileSync(plugin, `#!/bin/sh\nexec "${execPath}" "${runner}" "$@"\n`);
    chmodSync(plugin, 0o755);
  }

  get stack(): Stack {
    if (this.#stack === undefined) throw new Error("The stack is not open.");
    return this.#stack;
  }

  async configure(key: string, value: string): Promise<void> {
    await this.stack.setConfig(`millimetric:${key}`, { value });
  }

  /** Runs a step. @returns what it asked of the cloud, in order, and why it failed if it did */
  async step(work: (stack: Stack) => Promise<unknown>): Promise<{ calls: string[]; failure: string }> {
    this.cloud.calls.length = 0;
    const failure = await work(this.stack).then(
      () => "",
      (error: unknown) => String(error),
    );
    return { calls: [...this.cloud.calls], failure };
  }

  /** The state as it lies in its file. */
  stateFile(): string {
    return readFileSync(join(this.#folder, ".pulumi", "stacks", "millimetric", "test.json"), "utf8");
  }

  /** Types and names of what the state holds. */
  async resources(): Promise<{ type: string; name: string; protect: boolean; outputs: Record<string, unknown> }[]> {
    const { deployment } = await this.stack.exportStack();
    return (deployment.resources ?? []).map(
      (one: { urn: string; type: string; protect?: boolean; outputs?: Record<string, unknown> }) => ({
        type: one.type,
        name: one.urn.split("::").at(-1) ?? "",
        protect: one.protect === true,
        outputs: one.outputs ?? {},
      }),
    );
  }

  async close(): Promise<void> {
    this.cloud.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
