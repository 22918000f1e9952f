import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import process, { env, execPath } from "node:process";

// Stands for the plugin `pulumi-language-nodejs` where .ci/pulumi could not build it, because the module proxy does not give its
// untagged module: runs a project's program with Node and the runner that is part of the SDK, as the plugin does with
// `typescript: false`.
const sdk = createRequire(import.meta.resolve("@pulumi/pulumi/package.json"));
const grpc = sdk("@grpc/grpc-js");
const messages = sdk("@pulumi/pulumi/proto/language_pb.js");
const plugin = sdk("@pulumi/pulumi/proto/plugin_pb.js");
const { LanguageRuntimeService } = sdk("@pulumi/pulumi/proto/language_grpc_pb.js");

type Answer = (error: unknown, response?: unknown) => void;
// Options of Go's flags come first, the engine's address last.
const engine = process.argv.at(-1) ?? "";

function run({ request }: { request: Record<string, () => never> }, answer: Answer): void {
  const get = (name: string): unknown => request[`get${name}`]?.();
  const info = get("Info") as { getEntryPoint(): string; getProgramDirectory(): string; getRootDirectory(): string };
  const config = get("ConfigMap") as { toArray(): [string, string][] };
  const options = {
    monitor: get("MonitorAddress"),
    engine,
    organization: get("Organization"),
    project: get("Project"),
    stack: get("Stack"),
    parallel: get("Parallel"),
    pwd: get("Pwd"),
    "root-directory": info.getRootDirectory(),
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(
    execPath,
    [
      sdk.resolve("@pulumi/pulumi/cmd/run"),
      ...flags,
      ...(get("Dryrun") === true ? ["--dry-run"] : []),
      info.getEntryPoint(),
    ],
    {
      cwd: info.getProgramDirectory(),
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...env,
        PULUMI_NODEJS_TYPESCRIPT: "false",
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config.toArray())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(get("ConfigsecretkeysList")),
      },
    },
  );
  child.once("exit", (code) => {
    const response = new messages.RunResponse();
    if (code === 32) response.setBail(true);
    else if (code !== 0) response.setError(`the program ended with ${code}`);
    answer(null, response);
  });
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  run,
  getPluginInfo: (_: unknown, answer: Answer) => answer(null, new plugin.PluginInfo()),
  getRequiredPackages: (_: unknown, answer: Answer) => answer(null, new messages.GetRequiredPackagesResponse()),
  getRequiredPlugins: (_: unknown, answer: Answer) => answer(null, new messages.GetRequiredPluginsResponse()),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: unknown, port: number) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
