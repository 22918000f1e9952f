import { execFileSync } from "node:child_process";

/** What the scripts need to know of a deployed stack: its outputs. */
export interface StackOutputs {
  readonly region: string;
  readonly clusterName: string;
  /** Names of the ClickHouse and Keeper services. */
  readonly nodes: readonly string[];
  /** Names of the machines. */
  readonly hosts: readonly string[];
  readonly jobs: {
    readonly subnetIds: readonly string[];
    readonly securityGroupId: string;
    readonly logGroup: string;
    /** Job to the name of its task family. */
    readonly families: Readonly<Record<string, string>>;
  };
}

const infra = new URL("../../", import.meta.url).pathname;

/** Runs the CLI of Pulumi in this project. @returns what it printed */
export function pulumi(args: readonly string[], stdio: "pipe" | "inherit" = "pipe"): string {
  const output = execFileSync("pnpm", ["exec", "pulumi", ...args], {
    cwd: infra,
    encoding: "utf8",
    stdio: ["inherit", stdio, "inherit"],
  });
  // There is none when it goes straight to the terminal.
  return output ?? "";
}

export function readStack(stack: string | undefined): StackOutputs {
  return JSON.parse(pulumi(["stack", "output", "--json", ...stackFlag(stack)]));
}

/** Without it the CLI takes the selected stack. */
export function stackFlag(stack: string | undefined): string[] {
  return stack === undefined ? [] : ["--stack", stack];
}
