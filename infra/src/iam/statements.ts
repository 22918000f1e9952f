import * as pulumi from "@pulumi/pulumi";

type Values = readonly pulumi.Input<string>[];

export interface Statement {
  readonly Sid?: string;
  readonly Effect?: "Allow" | "Deny";
  readonly Principal?: { readonly [kind: string]: pulumi.Input<string> } | "*";
  readonly Action: readonly string[];
  readonly Resource?: Values;
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: pulumi.Input<string> } };
}

/** A policy document as text; a statement allows unless it says otherwise. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });
}

/** Lets one AWS service take a role on. */
export function trustService(service: string): pulumi.Output<string> {
  return policyDocument([{ Principal: { Service: service }, Action: ["sts:AssumeRole"] }]);
}
