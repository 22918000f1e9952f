import { MockMonitor, type MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";
import "@pulumi/pulumi/runtime/state.js";
import { fakeOutputs } from "./fakeOutputs.ts";

/** Marks a wrapped value in what a program sends to the engine. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** One resource as the engine would have been asked for it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly custom: boolean;
  readonly parent: string;
  /** What the program sent: secrets are still in their wrappers. */
  readonly raw: Record<string, unknown>;
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** Hook kinds to hook names. */
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;

type Wire = {
  toObject(): Record<string, unknown>;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
};

class RecordingMonitor extends MockMonitor {
  readonly recorded: Recorded[] = [];
  readonly hookNames: string[] = [];

  override async registerResource(request: never, callback: Callback): Promise<void> {
    const wire = request as unknown as Wire;
    const fields = wire.toObject();
    const raw = wire.getObject()?.toJavaScript() ?? {};
    await super.registerResource(request, (error, response: { getUrn(): string } | undefined) => {
      const urn = response?.getUrn();
      if (urn === undefined) return callback(error, response);
      if (this.recorded.some((one) => one.urn === urn))
        return callback(new Error(`${urn} is declared twice`), undefined);
      this.recorded.push(recorded(urn, fields, raw));
      callback(error, response);
    });
  }

  /** The stock monitor lacks it. */
  registerResourceHook(request: { getName(): string }, callback: (error: unknown, response: unknown) => void): void {
    this.hookNames.push(request.getName());
    callback(null, {});
  }

  /** Nor has it this one, which the runtime calls when a program has ended. */
  signalAndWaitForShutdown(_request: unknown, callback: (error: unknown, response: unknown) => void): void {
    callback(null, {});
  }
}

function recorded(urn: string, fields: Record<string, unknown>, raw: Record<string, unknown>): Recorded {
  const hooks = (fields["hooks"] ?? {}) as Record<string, string[]>;
  return {
    type: String(fields["type"]),
    name: String(fields["name"]),
    urn,
    custom: fields["custom"] === true,
    parent: String(fields["parent"]),
    raw,
    provider: String(fields["provider"]),
    dependencies: fields["dependenciesList"] as string[],
    protect: fields["protect"] === true,
    retainOnDelete: fields["retainondelete"] === true,
    ignoreChanges: fields["ignorechangesList"] as string[],
    hooks: Object.fromEntries(
      Object.entries(hooks).flatMap(([kind, names]) => (names.length > 0 ? [[kind.replace(/List$/, ""), names]] : [])),
    ),
  };
}

/**
 * Installs a monitor that records whole requests, where the stock mocks pass on only type, name and inputs.
 * It reaches into the SDK's runtime, which is why `@pulumi/pulumi` is pinned to one version.
 */
export function installRecorder(options: { stack: string; preview: boolean }): RecordingMonitor {
  const monitor = new RecordingMonitor({
    newResource: (args: MockResourceArgs) => fakeOutputs(args, options.preview),
    call: (args) => args.inputs,
  });
  settings.setMockOptions(monitor, "millimetric", options.stack, options.preview);
  // Setting the mock options switches every feature off again.
  Object.assign(globalThis.globalStore, {
    supportsSecrets: true,
    supportsResourceReferences: true,
    supportsOutputValues: false,
    supportsDeletedWith: true,
    supportsReplaceWith: true,
    supportsAliasSpecs: true,
    supportsResourceHooks: true,
  });
  return monitor;
}

export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Reflect.get(value, signature) === secretSignature;
}
