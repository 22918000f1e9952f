import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement, trustService } from "../iam/statements.ts";

export interface RoleArgs {
  /** The AWS service that takes the role on, such as `ecs-tasks.amazonaws.com`. */
  readonly service: string;
  readonly statements: readonly Statement[];
}

/** A role with exactly one policy of its own. */
export class Role extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: RoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Role", name, {}, opts);
    const role = new aws.iam.Role(name, { assumeRolePolicy: trustService(args.service) }, { parent: this });
    let ready: aws.iam.RolePolicy | undefined;
    if (args.statements.length > 0)
      ready = new aws.iam.RolePolicy(
        name,
        { role: role.name, policy: policyDocument(args.statements) },
        { parent: this },
      );
    // Whoever uses the role waits for its policy, too.
    this.arn = ready === undefined ? role.arn : pulumi.all([role.arn, ready.id]).apply(([arn]) => arn);
    this.name = role.name;
    this.registerOutputs({ arn: this.arn });
  }
}
