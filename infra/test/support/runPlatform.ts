import * as pulumi from "@pulumi/pulumi";
import { disconnect } from "@pulumi/pulumi/runtime/settings.js";
import { readSettings } from "../../src/config.ts";
import { createHooks } from "../../src/hooks/hooks.ts";
import type { SizeName } from "../../src/sizes.ts";
import { installRecorder, type Recorded } from "./recordingMonitor.ts";

export interface Run {
  readonly resources: readonly Recorded[];
  readonly outputs: Record<string, unknown>;
  ofType(type: string): readonly Recorded[];
  named(name: string, type?: string): Recorded;
}

/** Runs the whole program of a size against the recording monitor. */
export async function runPlatform(
  size: SizeName,
  options: { preview: boolean; config?: Record<string, string> },
): Promise<Run> {
  const values: Record<string, string> = { size, domain: "events.example.com", hostedZoneId: "Z0123456789ABC" };
  Object.assign(values, options.config);
  const monitor = installRecorder({ stack: size, preview: options.preview });
  const { createPlatform } = await import("../../src/platform.ts");
  const settings = readSettings({ stack: size, region: "eu-central-1", lookup: (key) => values[key] });
  const outputs = await pulumi.runtime.runInPulumiStack(async () =>
    createPlatform(settings, createHooks(settings.region)),
  );
  // Registrations go on after the program's last line.
  await disconnect();
  const resources = monitor.recorded;
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const named = (name: string, type?: string) => {
    const found = resources.filter((one) => one.name === name && (type === undefined || one.type === type));
    const [first] = found;
    if (first === undefined || found.length > 1) throw new Error(`${found.length} resources are named ${name}`);
    return first;
  };
  return { resources, outputs: outputs as Record<string, unknown>, ofType, named };
}
