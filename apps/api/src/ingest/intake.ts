import { Event, limits } from "@millimetric/contracts";
import { createScrubber } from "@millimetric/enrichment";
import { ApiError } from "../http/errors.ts";
import type { UserProofs } from "../keys/user-proof.ts";
import type { Metrics } from "../metrics.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { scrubEvent } from "./enrichment.ts";
import { eventRow } from "./event-row.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Ledger } from "./ledger.ts";
import type { StorableRow } from "./store-rows.ts";
import { type Delivery, notVerified, type Vouched, vouch, withoutHash } from "./vouching.ts";

/** An event that was refused, and where it stood among the others. */
export interface Refused {
  index: number;
  /** As sent, when it can be read. */
  event_id: string | null;
  error: ApiError;
}

/** What became of some events. */
export interface Taken {
  /** Of the good ones, in their order. */
  event_ids: string[];
  refused: Refused[];
}

/** The one way in for events, whatever wire they came by. */
export interface Intake {
  /**
   * Checks each event by itself; resolves when the good ones are durable. The bad ones cost their neighbours nothing, and are kept
   * as dead letters.
   * @throws ApiError overloaded, upstream_unavailable: none of them is stored
   */
  take(events: readonly unknown[], envelope: Delivery): Promise<Taken>;
  /** For a call that is no event: counts and keeps it as `take` does with a bad one. */
  refuse(call: unknown, error: ApiError, envelope: Delivery): void;
}

export interface IntakeDeps {
  commit: GroupCommit;
  ledger: Ledger;
  deadLetters: DeadLetters;
  metrics: Metrics;
  proofs: UserProofs;
}

/** How a batch lists its refused events. */
export const listed = (refused: readonly Refused[]) =>
  refused.map(({ index, event_id, error: { code, message, details } }) => {
    return { index, event_id, error: code, details: { message, problems: details } };
  });

/** The answer to a batch of which nothing is acceptable: 403 when nothing but a proof is missing. */
export function allRefused(what: string, refused: readonly Refused[]): ApiError {
  const unproven = refused.every(({ error }) => error.code === "identity_not_verified");
  const details = { rejected: listed(refused) };
  return new ApiError(unproven ? "identity_not_verified" : "invalid_payload", `None of the ${what} is acceptable.`, {
    details,
  });
}

const always: Vouched = () => true;
const scrubAlways = createScrubber();
const knownFields = new Set(Object.keys(Event.properties));

export function createIntake({ commit, ledger, deadLetters, metrics, proofs }: IntakeDeps): Intake {
  // Before anything else: what is refused is kept, too.
  const scrubbed = (event: unknown, { scrub = scrubAlways }: Delivery) => scrubEvent(event, scrub);

  /** The rows of the good ones. */
  function read(
    events: readonly unknown[],
    envelope: Delivery,
    vouched: Vouched,
  ): { rows: StorableRow[]; refused: Refused[] } {
    ledger.count(envelope, "received", events.length);
    const rows: StorableRow[] = [];
    const refused: Refused[] = [];
    for (let index = 0; index < events.length; index++) {
      const event = scrubbed(events[index], envelope);
      try {
        const row = eventRow(event, envelope);
        if (envelope.verifiesIdentify && !vouched(index)) throw notVerified();
        rows.push(row);
        const unknown = unknownFields(event);
        if (unknown > 0) metrics.unknownFields.inc(unknown);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refused.push({ index, event_id: idOf(event), error });
        refuse(event, error, envelope, vouched(index));
      }
    }
    return { rows, refused };
  }

  async function keep(
    { rows, refused }: { rows: StorableRow[]; refused: Refused[] },
    envelope: Delivery,
  ): Promise<Taken> {
    try {
      await commit.store(rows);
    } catch (error) {
      ledger.count(envelope, "rejected", rows.length, error instanceof ApiError ? error.code : "internal_error");
      throw error;
    }
    ledger.count(envelope, "accepted", rows.length);
    return { event_ids: rows.map(({ event_id }) => event_id), refused };
  }

  function refuse(event: unknown, error: ApiError, envelope: Delivery, vouched: boolean): void {
    ledger.count(envelope, "rejected", 1, error.code);
    deadLetters.add(withoutHash(event), error, envelope, vouched);
  }

  return {
    refuse(call, error, envelope) {
      ledger.count(envelope, "received", 1);
      refuse(scrubbed(call, envelope), error, envelope, !envelope.fromPublicKey);
    },
    take(events, envelope) {
      if (!envelope.fromPublicKey) return keep(read(events, envelope, always), envelope);
      return vouch(events, envelope, proofs).then((vouched) => keep(read(events, envelope, vouched), envelope));
    },
  };
}

function idOf(event: unknown): string | null {
  const id = typeof event === "object" && event !== null && "event_id" in event ? event.event_id : undefined;
  return typeof id === "string" && id.length <= limits.eventId && id.isWellFormed() ? id : null;
}

function unknownFields(event: unknown): number {
  let unknown = 0;
  for (const field in event as object) if (!knownFields.has(field)) unknown++;
  return unknown;
}
