import { describe, expect, test } from "vitest";
import { readSettings } from "./config.ts";

const valid = { size: "small", domain: "events.example.com", hostedZoneId: "Z0123456789ABC" };

function read(values: Record<string, string>, region: string | undefined = "eu-central-1") {
  return readSettings({ stack: "test", region, lookup: (key) => values[key] });
}

function problems(values: Record<string, string>, region?: string): string[] {
  try {
    read(values, region);
  } catch (error) {
    return String(error).split("\n").slice(1, -1);
  }
  return [];
}

describe("readSettings", () => {
  test("takes the size's own numbers when nothing else is set", () => {
    const settings = read(valid);
    expect(settings.size.replicas).toBe(2);
    expect(settings.availabilityZones).toEqual(["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
    expect(settings.tls).toEqual({ kind: "hosted-zone", hostedZoneId: "Z0123456789ABC" });
  });

  test("lets the stack override the size", () => {
    const { size } = read({ ...valid, shards: "3", clickhouseInstanceType: "r8g.4xlarge", apiMinTasks: "20" });
    expect(size.shards).toBe(3);
    expect(size.clickhouse.instanceType).toBe("r8g.4xlarge");
    expect(size.api).toMatchObject({ minTasks: 20, maxTasks: 20 });
  });

  test("lists every problem in one message, and how to set a value", () => {
    const broken = { size: "huge", domain: "nope", shards: "0", clickhouseInstanceType: "m5.large" };
    expect(() => read(broken, "mars")).toThrow(/has 6 problems:[\s\S]*pulumi config set/);
    expect(problems(broken, "mars")).toEqual([
      '  - aws:region is "mars", not a region',
      '  - millimetric:size is "huge", but must be one of dev, small, prod',
      '  - millimetric:domain is "nope", but must be a host name such as events.example.com',
      "  - millimetric:hostedZoneId or millimetric:certificateArn: exactly one of them must be set",
      '  - millimetric:shards is "0", but must be a whole number from 1 to 32',
      '  - millimetric:clickhouseInstanceType is "m5.large", but must be an Arm instance type such as r7g.xlarge',
    ]);
  });

  test.each([
    ["a missing size", { domain: "a.example.com", hostedZoneId: "Z0123456789ABC" }, "size is missing"],
    ["a missing domain", { size: "dev", hostedZoneId: "Z0123456789ABC" }, "domain is missing"],
    ["two proofs of the domain", { ...valid, certificateArn: "arn:aws:acm:x:1:certificate/2" }, "exactly one of them"],
    ["too few zones", { ...valid, availabilityZones: '["eu-central-1a"]' }, "must name 3 zones, but names 1"],
    ["zones of another region", { ...valid, availabilityZones: '["x","y","z"]' }, "must be zones of eu-central-1"],
    ["a list that is none", { ...valid, availabilityZones: "a,b" }, "must be a list of texts"],
    ["fewer tasks at most than at least", { ...valid, apiMinTasks: "4", apiMaxTasks: "2" }, "must not be below"],
    ["an unclear switch", { ...valid, protectData: "yes" }, "must be true or false"],
  ])("refuses %s", (_, values, text) => {
    expect(problems(values).join("\n")).toContain(text);
  });
});
