import {
  type PolicyResourceOptions,
  type ReportViolation,
  type ResourceValidationPolicy,
  validateResourceOfType,
} from "@pulumi/policy";
import type { Resource, Unwrap } from "@pulumi/pulumi";

type ResourceClass<Args> = Parameters<typeof validateResourceOfType<Resource, Args>>[0];

/**
 * A rule about one type of resource.
 * @param holds whether an instance keeps the rule; inputs that are not known yet are not asked about
 */
export function rule<Args>(
  name: string,
  description: string,
  resourceClass: ResourceClass<Args>,
  holds: (props: Unwrap<NonNullable<Args>>, resource: { name: string; opts: PolicyResourceOptions }) => boolean,
): ResourceValidationPolicy {
  return {
    name,
    description,
    validateResource: validateResourceOfType(resourceClass, (props, resource, report: ReportViolation) => {
      if (!holds(props, resource)) report(description);
    }),
  };
}
