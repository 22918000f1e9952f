import { expect, test } from "vitest";
import { decide } from "../support/iam.ts";

const policy = JSON.stringify({
  Statement: [
    { Effect: "Allow", Action: ["s3:Get*"], Resource: ["arn:aws:s3:::b/0/*"] },
    { Effect: "Deny", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::b/0/secret"] },
    { Effect: "Allow", Action: ["ec2:A"], Resource: ["*"], Condition: { StringEquals: { tag: "x" } } },
    { Effect: "Allow", Action: ["ecs:Run"], Resource: ["*"], Condition: { ArnEquals: { arn: "arn:*:c/x" } } },
  ],
});

test.each([
  ["a pattern that matches", { action: "s3:GetObject", resource: "arn:aws:s3:::b/0/a/b" }, "allowed"],
  ["another case of the action", { action: "S3:getobject", resource: "arn:aws:s3:::b/0/a" }, "allowed"],
  ["a Deny beside an Allow", { action: "s3:GetObject", resource: "arn:aws:s3:::b/0/secret" }, "denied"],
  ["another action", { action: "s3:PutObject", resource: "arn:aws:s3:::b/0/a" }, "denied by default"],
  ["another resource", { action: "s3:GetObject", resource: "arn:aws:s3:::b/1/a" }, "denied by default"],
  ["a dot that is no pattern", { action: "s3:GetObject", resource: "arn:aws:s3___b/0/a" }, "denied by default"],
  ["a condition that holds", { action: "ec2:A", resource: "r", context: { tag: "x" } }, "allowed"],
  ["a condition that does not", { action: "ec2:A", resource: "r", context: { tag: "y" } }, "denied by default"],
  ["a condition on a missing key", { action: "ec2:A", resource: "r" }, "denied by default"],
  ["a pattern in a condition", { action: "ecs:Run", resource: "r", context: { arn: "arn:1:c/x" } }, "allowed"],
] as const)("decides about %s", (_, request, decision) => {
  expect(decide(policy, request)).toBe(decision);
});

test("allows nothing without a policy, and refuses operators that it does not know", () => {
  expect(decide(undefined, { action: "s3:GetObject", resource: "r" })).toBe("denied by default");
  const odd = { Statement: [{ Effect: "Allow", Action: ["a:b"], Condition: { IpAddress: { ip: "::/0" } } }] };
  const request = { action: "a:b", resource: "r", context: { ip: "::1" } };
  expect(() => decide(JSON.stringify(odd), request)).toThrow("IpAddress");
});
