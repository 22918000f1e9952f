import { ApiError } from "../http/errors.ts";
import type { UserClaim, UserProofs } from "../keys/user-proof.ts";
import type { Envelope } from "./event-row.ts";

/** An envelope that also tells how far its sender can be trusted. */
export interface Delivery extends Envelope {
  /** Sent with a key that anybody can read in a page. */
  fromPublicKey: boolean;
  /** The project wants a proof of every user_id that comes with a public key. */
  verifiesIdentify: boolean;
}

/** Whether the user of the event at this place is beyond doubt: sent by a server, proven, or none at all. */
export type Vouched = (index: number) => boolean;

/** Looks at the proofs of the events that came with a public key, where its project wants them (SPEC 5.5). @throws ApiError upstream_unavailable */
export async function vouch(events: readonly unknown[], delivery: Delivery, proofs: UserProofs): Promise<Vouched> {
  const claims = events.map(claimOf);
  const open = claims.flatMap((claim, index) => (claim === undefined ? [] : [{ index, claim }]));
  const proven = delivery.verifiesIdentify
    ? await proofs.check(
        delivery.project_id,
        open.map(({ claim }) => claim),
      )
    : [];
  const doubtful = new Set(open.filter((_, at) => proven[at] !== true).map(({ index }) => index));
  return (index) => !doubtful.has(index);
}

/** What an event says of its user; `undefined` when it names none. */
function claimOf(event: unknown): UserClaim | undefined {
  if (typeof event !== "object" || event === null || !("user_id" in event) || event.user_id === null) return undefined;
  const user_id = typeof event.user_id === "string" ? event.user_id : "";
  return { user_id, user_hash: "user_hash" in event ? event.user_hash : undefined };
}

export const namesUser = (event: unknown): boolean => claimOf(event) !== undefined;

export const notVerified = () =>
  new ApiError("identity_not_verified", "This project verifies identities: user_id needs the right user_hash.", {
    details: { field: "user_hash" },
  });

/** The proof of an identity is kept nowhere. */
export function withoutHash(event: unknown): unknown {
  if (typeof event !== "object" || event === null || !("user_hash" in event)) return event;
  const { user_hash: _, ...rest } = event;
  return rest;
}
