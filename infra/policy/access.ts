import * as aws from "@pulumi/aws";
import { rule } from "./rule.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

const allowed = (policy: string): readonly string[] =>
  (JSON.parse(policy).Statement as readonly Statement[])
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action }) => Action);

export const accessPolicies = [
  rule(
    "no-action-pattern",
    "A role names each action it may take.",
    aws.iam.RolePolicy,
    ({ policy }) => !allowed(String(policy)).some((action) => action.includes("*")),
  ),
  rule(
    "no-broad-managed-policy",
    "No role has one of AWS's policies for everything.",
    aws.iam.RolePolicyAttachment,
    ({ policyArn }) => !/(FullAccess|AdministratorAccess|PowerUserAccess)$/.test(policyArn),
  ),
  rule(
    "logs-forget",
    "A log group forgets.",
    aws.cloudwatch.LogGroup,
    ({ retentionInDays }) => retentionInDays !== undefined && retentionInDays > 0,
  ),
  rule(
    "alarm-is-heard",
    "An alarm goes somewhere.",
    aws.cloudwatch.MetricAlarm,
    ({ alarmActions }) => alarmActions !== undefined && alarmActions.length > 0,
  ),
];
