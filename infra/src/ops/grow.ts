import type { Size } from "../sizes.ts";

export type Growth = "replicas" | "shards";

export interface GrowOptions {
  /** The operator says that no event is stored yet. */
  readonly beforeTheFirstEvent: boolean;
}

/**
 * The next value of a stack's setting, and what the operator should know before it is set.
 * @throws Error when it would tear visitors apart
 */
export function grow(
  what: Growth,
  size: Pick<Size, "replicas" | "shards">,
  { beforeTheFirstEvent }: GrowOptions,
): { value: number; notes: string[] } {
  const value = size[what] + 1;
  if (what === "replicas")
    return {
      value,
      notes: ["A new replica of each shard makes its tables by itself and fetches the data from its siblings."],
    };
  if (!beforeTheFirstEvent)
    throw new Error(
      "Another shard would get new events of visitors whose old ones stay where they are, out of sight of their links. Add one with " +
        "--before-the-first-event only while there are none; docs/architecture/cluster.md says what to do later.",
    );
  return {
    value,
    notes: [
      "The number of shards cannot change once there are events, and a shard cannot be taken away again.",
      "A larger machine or volume (clickhouseInstanceType, clickhouseVolumeGib) is nearly always the better step.",
    ],
  };
}
