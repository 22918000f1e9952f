import { createHash } from "node:crypto";

/** What the projection `event_ids` knows of an id (migration 0001). */
export interface IdKey {
  /** Of the time in the id, epoch seconds; of a text, bits of its hash. 32 bits. */
  second: number;
  /** Bits of the whole id. 64 bits. */
  key: bigint;
}

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** 2^64 divided by the golden ratio: neighbours end up far apart. */
const spread = 11_400_714_819_323_198_485n;

/** The same as ClickHouse makes of the id when it is stored. */
export function idKey(id: string): IdKey {
  if (uuidV7.test(id)) {
    const time = id.slice(0, 8) + id.slice(9, 13);
    const low = BigInt(`0x${id.slice(19, 23)}${id.slice(24)}`);
    return {
      second: Math.floor(Number.parseInt(time, 16) / 1000) % 2 ** 32,
      key: BigInt.asUintN(64, low + BigInt(`0x${time}${id.slice(15, 18)}`) * spread),
    };
  }
  const hash = createHash("sha256").update(id).digest();
  return { second: hash.readUInt32LE(8), key: hash.readBigUInt64LE(0) };
}

/** What stands in the columns of an id, in the order of `id_order`. */
export interface IdOrder {
  text: string;
  /** Milliseconds from the event's timestamp to the time in the id. */
  lag: number;
  high: number;
  low: bigint;
}

/** The same as ClickHouse stores of the id of an event at this time. */
export function idOrder(id: string, timestamp: Date): IdOrder {
  if (!uuidV7.test(id)) return { text: id, lag: 0, high: 0, low: idKey(id).key };
  return {
    text: "",
    lag: Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - timestamp.getTime(),
    high: Number.parseInt(id.slice(14, 18), 16),
    low: BigInt(`0x${id.slice(19, 23)}${id.slice(24)}`),
  };
}

/** One string for (project_id, event_id); a project_id holds no slash. */
export const eventKey = (id: { project_id: string; event_id: string }) => `${id.project_id}/${id.event_id}`;
