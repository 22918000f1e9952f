import * as aws from "@pulumi/aws";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineStack, pulumiRoot } from "./pulumi.ts";

const suite =
  pulumiRoot === undefined ? "the policy pack (skipped: no pulumi; .ci/pulumi builds it)" : "the policy pack";
const policyPacks = [new URL("../../policy", import.meta.url).pathname];

describe.runIf(pulumiRoot !== undefined)(suite, { timeout: 600_000 }, () => {
  let platform: EngineStack;
  beforeEach(() => {
    platform = new EngineStack();
  });
  afterEach(() => platform.close());

  test("lets the platform pass, in a preview, with what is not known yet", async () => {
    await platform.open(pulumiRoot ?? "", { size: "small" });
    const { failure } = await platform.step((stack) => stack.preview({ policyPacks }));
    expect(failure).toBe("");
  });

  test("stops what breaks a rule before the cloud is asked", async () => {
    await platform.open(pulumiRoot ?? "", {}, async () => {
      new aws.cloudwatch.LogGroup("for-ever", {});
    });
    const { calls, failure } = await platform.step((stack) => stack.up({ policyPacks }));
    expect(failure).toMatch(/logs-forget[\s\S]*A log group forgets/);
    expect(calls).toEqual([]);
  });
});
