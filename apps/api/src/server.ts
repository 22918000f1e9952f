import process, { env } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { type Config, readConfig } from "./config.ts";
import { demoBanner } from "./demo/banner.ts";
import { allowDemoOrigin, demoProject } from "./demo/project.ts";
import { demoSite } from "./demo/site.ts";
import { createPlatform, type Platform } from "./platform.ts";

/** Milliseconds from the end of the grace time to the end of the process, whatever still waits. */
const deadline = 20_000;

const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const config = readConfig(env);
  if (config.server === undefined) say("millimetric: starting ClickHouse inside this process …");
  const platform = await createPlatform(config);
  stopOnSignals(platform, config);
  const demo = config.server === undefined ? await demoProject(platform, config) : undefined;
  if (demo !== undefined && config.demo) await platform.app.register(demoSite(platform, demo));
  const url = await platform.app.listen({ port: config.port, host: config.host });
  if (demo === undefined) {
    say(`millimetric: listening on ${url}`);
    return;
  }
  await allowDemoOrigin(platform, demo, url);
  say(demoBanner(url, config, platform.adminToken, demo));
}

function stopOnSignals(platform: Platform, config: Config): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    platform.readiness.drain();
    await wait(config.shutdownGraceSeconds * 1000);
    setTimeout(() => process.exit(1), deadline).unref();
    await platform.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
}

function explain(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE" && "port" in error)
    return `port ${error.port} is taken; stop what listens there or choose another one: PORT=8788 npm start`;
  if (error instanceof Error) return error.message;
  return String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`millimetric: ${explain(error)}\n`);
  process.exit(1);
});
