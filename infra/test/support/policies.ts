import type { ResourceValidationArgs } from "@pulumi/policy";
import { policies } from "../../policy/policies.ts";

export interface Subject {
  readonly type: string;
  readonly name: string;
  readonly props: Record<string, unknown>;
  readonly protect: boolean;
}

/** Names of the rules that a resource breaks. */
export async function brokenRules({ type, name, props, protect }: Subject): Promise<string[]> {
  const isType = (resourceClass: object) => Reflect.get(resourceClass, "__pulumiType") === type;
  const customTimeouts = { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 };
  const args: ResourceValidationArgs = {
    type,
    name,
    urn: `urn:pulumi:test::millimetric::${type}::${name}`,
    props,
    opts: { protect, ignoreChanges: [], aliases: [], customTimeouts, additionalSecretOutputs: [] },
    stackTags: new Map(),
    isType,
    asType: (resourceClass) => (isType(resourceClass) ? (props as never) : undefined),
    getConfig: () => ({}) as never,
    notApplicable: () => {
      throw new NotApplicable();
    },
  };
  const broken: string[] = [];
  for (const policy of policies)
    for (const validate of [policy.validateResource ?? []].flat())
      try {
        await validate(args, () => broken.push(policy.name));
      } catch (error) {
        if (!(error instanceof NotApplicable)) throw error;
      }
  return broken;
}

/** How the SDK leaves a rule that is about another type. */
class NotApplicable extends Error {}
