import { isSecret, type Recorded } from "./recordingMonitor.ts";

/** Every text in a value that is not inside a secret's wrapper. */
export function clearTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || isSecret(value)) return [];
  return Object.values(value).flatMap(clearTexts);
}

export interface StatementText {
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export function statements(policy: Recorded): readonly StatementText[] {
  return JSON.parse(String(policy.raw["policy"])).Statement;
}

export interface ContainerText {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly readonlyRootFilesystem: boolean;
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[];
}

export function containers(task: Recorded): readonly ContainerText[] {
  return JSON.parse(String(task.raw["containerDefinitions"]));
}

/** Everything that a resource waits for, directly or not: a child is registered only after its parent, and so waits with it. */
export function waitsFor(resources: readonly Recorded[], start: Recorded): ReadonlySet<string> {
  const byUrn = new Map(resources.map((one) => [one.urn, one]));
  const seen = new Set<string>();
  const queue = [start.parent, ...start.dependencies];
  for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
    const one = byUrn.get(urn);
    if (one === undefined || seen.has(urn)) continue;
    seen.add(urn);
    queue.push(one.parent, ...one.dependencies);
  }
  return new Set([...seen].map((urn) => byUrn.get(urn)?.name ?? urn));
}
