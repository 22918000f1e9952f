import { DescribeServicesCommand, type ECSClient } from "@aws-sdk/client-ecs";
import { type Clock, poll } from "./poll.ts";

export interface VerifyOptions {
  readonly ecs: ECSClient;
  readonly clock: Clock;
  readonly cluster: string;
  readonly service: string;
  /** ARN that must be serving now. */
  readonly taskDefinition: string;
  readonly timeoutMs?: number;
}

/**
 * Makes sure that the deployment that was asked for is the one that serves. ECS calls a service steady after its circuit
 * breaker has gone back to the old version, and so the provider reports success.
 * @throws Error when the service went back, or is not done.
 */
export async function verifyDeployment(options: VerifyOptions): Promise<void> {
  const { ecs, clock, cluster, service, taskDefinition, timeoutMs = 10 * 60_000 } = options;
  const serving = await poll(
    async () => {
      const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
      const primary = services?.[0]?.deployments?.find(({ status }) => status === "PRIMARY");
      if (primary?.rolloutState === "IN_PROGRESS") return `${service} is still being deployed`;
      return primary ?? `${service} has no deployment`;
    },
    { clock, timeoutMs, intervalMs: 5_000 },
  );
  if (serving.taskDefinition === taskDefinition && serving.rolloutState === "COMPLETED") return;
  throw new Error(
    `${service} went back: it serves ${serving.taskDefinition}, not ${taskDefinition} (${serving.rolloutStateReason ?? serving.rolloutState}). ` +
      "Find out why in its log group, then run: pulumi up --refresh",
  );
}
