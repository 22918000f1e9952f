import type { Size } from "../sizes.ts";

export type Growth = "replicas" | "shards";

/** The next value of a stack's setting, and what the operator should know before it is set. */
export function grow(what: Growth, size: Pick<Size, "replicas" | "shards">): { value: number; notes: string[] } {
  const value = size[what] + 1;
  if (what === "replicas")
    return {
      value,
      notes: ["A new replica of each shard makes its tables by itself and fetches the data from its siblings."],
    };
  return {
    value,
    notes: [
      "ClickHouse moves no old data to a new shard, and a shard cannot be taken away again.",
      "A larger machine or volume (clickhouseInstanceType, clickhouseVolumeGib) is nearly always the better step.",
    ],
  };
}
