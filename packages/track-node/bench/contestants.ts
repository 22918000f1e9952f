import type RudderClient from "@rudderstack/rudder-sdk-node";
import type { PostHog as PostHogClient } from "posthog-node";

// Each is loaded only when it runs, so that none pays for another's memory.

export interface Contestant {
  track(userId: string, properties: { n: number }): void;
  /** As its documentation says to end a process. */
  end(): Promise<unknown>;
}

const event = "order_completed";
/** Milliseconds. */
const patience = 90_000;

async function millimetric(host: string): Promise<Contestant> {
  const { Millimetric } = await import("@millimetric/track-node");
  const mm = new Millimetric({ key: `sk_live_abcdefgh_${"0".repeat(32)}`, host, onError: () => {} });
  return {
    track: (user_id, properties) => mm.track({ event, user_id, properties }),
    end: () => mm.close({ timeoutMs: patience }),
  };
}

async function segment(host: string): Promise<Contestant> {
  const { Analytics } = await import("@segment/analytics-node");
  const analytics = new Analytics({ writeKey: "key", host });
  analytics.on("error", () => {});
  return {
    track: (userId, properties) => analytics.track({ event, userId, properties }),
    end: () => analytics.closeAndFlush({ timeout: patience }),
  };
}

async function posthog(
  host: string,
  options: ConstructorParameters<typeof PostHogClient>[1] = {},
): Promise<Contestant> {
  const { PostHog } = await import("posthog-node");
  const client = new PostHog("phc_key", { host, ...options });
  client.on("error", () => {});
  return {
    track: (distinctId, properties) => client.capture({ event, distinctId, properties }),
    end: () => client.shutdown(patience),
  };
}

async function rudder(host: string, options: ConstructorParameters<typeof RudderClient>[1] = {}): Promise<Contestant> {
  const { default: Rudder } = await import("@rudderstack/rudder-sdk-node");
  const client = new Rudder("key", { dataPlaneUrl: host, logLevel: "none", errorHandler: () => {}, ...options });
  const queue = () => (client as unknown as { queue: unknown[] }).queue.length;
  return {
    track: (userId, properties) => client.track({ event, userId, properties }),
    async end() {
      // A flush sends one batch.
      for (const until = performance.now() + patience; queue() > 0 && performance.now() < until; ) await client.flush();
      await client.flush();
    },
  };
}

/** Each with its defaults; those that lose events by a small queue or few retries also with more of both. */
export const contestants: Record<string, (host: string) => Promise<Contestant>> = {
  "@millimetric/track-node": millimetric,
  "@segment/analytics-node": segment,
  "posthog-node": posthog,
  "posthog-node, queue 100,000, 10 retries": (host) =>
    posthog(host, { maxQueueSize: 100_000, fetchRetryCount: 10 } as object),
  "@rudderstack/rudder-sdk-node": rudder,
  "@rudderstack/rudder-sdk-node, queue 100,000, 10 retries": (host) =>
    rudder(host, { maxInternalQueueSize: 100_000, retryCount: 10 }),
};
