import { type ClickHouse, type DeadLetterRow, type DeadLettersParams, deadLetters } from "@millimetric/clickhouse";
import { ApiError } from "../http/errors.ts";
import { eventRow } from "./event-row.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Ledger } from "./ledger.ts";
import { keptRow, type StorableRow } from "./store-rows.ts";
import { namesUser, notVerified } from "./vouching.ts";

export interface Replay {
  /** Event ids that count now. */
  replayed: { dead_letter_id: string; event_id: string }[];
  refused: { dead_letter_id: string; error: string; message: string }[];
  /** The last letter looked at. */
  last: DeadLetterRow | undefined;
}

const markReplayed = `
INSERT INTO dead_letters_v1
SELECT * REPLACE (now64(3) AS replayed_at, now64(6) AS version)
FROM dead_letters_v1 FINAL
WHERE project_id = {project_id:String} AND env = {env:String} AND dead_letter_id IN {ids:Array(String)}`;

/**
 * Takes dead letters in again as if they had just been sent, with the times of their first arrival. One without an event_id gets its
 * letter's, so that it counts once however often it is replayed. `verifiesIdentify`: the project wants users proven, and a letter that
 * came with a public key and was not is refused.
 */
export async function replayDeadLetters(
  deps: { clickhouse: ClickHouse; commit: GroupCommit; ledger: Ledger },
  { verifiesIdentify, ...params }: DeadLettersParams & { verifiesIdentify: boolean },
): Promise<Replay> {
  const { project_id, env } = params;
  const rows: StorableRow[] = [];
  const letters = await deadLetters(deps.clickhouse, params);
  const replay: Replay = { replayed: [], refused: [], last: letters.at(-1) };
  for (const letter of letters) {
    const { dead_letter_id } = letter;
    try {
      const row = rowOf(letter, { project_id, env, verifiesIdentify });
      rows.push(row);
      replay.replayed.push({ dead_letter_id, event_id: row.event_id });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      replay.refused.push({ dead_letter_id, error: error.code, message: error.message });
    }
  }
  if (rows.length === 0) return replay;
  for (const part of partsOf(rows)) {
    await deps.commit.store(part);
    for (const { sender } of part) {
      deps.ledger.count(sender, "received", 1);
      deps.ledger.count(sender, "accepted", 1);
    }
  }
  const ids = replay.replayed.map(({ dead_letter_id }) => dead_letter_id);
  await deps.clickhouse.command(markReplayed, { project_id, env, ids });
  return replay;
}

/** Characters that are stored at once: what waits for its insert is bounded, and one replay may be more than that. */
const mostAtOnce = 8_000_000;

function* partsOf(rows: readonly StorableRow[]): Generator<StorableRow[]> {
  let part: StorableRow[] = [];
  let characters = 0;
  for (const row of rows) {
    if (part.length > 0 && characters + row.line.length > mostAtOnce) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(row);
    characters += row.line.length;
  }
  yield part;
}

type Terms = { project_id: string; env: string; verifiesIdentify: boolean };

function rowOf(letter: DeadLetterRow, terms: Terms): StorableRow {
  if (letter.too_large) throw new ApiError("payload_too_large", "The event was too large to be kept whole.");
  if (letter.is_row) return keptRow(letter.payload);
  const event = JSON.parse(letter.payload) as unknown;
  if (terms.verifiesIdentify && !letter.vouched && namesUser(event)) throw notVerified();
  const withId =
    typeof event === "object" && event !== null && !("event_id" in event)
      ? { ...event, event_id: letter.dead_letter_id }
      : event;
  return eventRow(withId, {
    ...terms,
    key_prefix: letter.key_prefix,
    receivedAt: Date.parse(letter.received_at),
    sentAt: letter.sent_at === null ? undefined : Date.parse(letter.sent_at),
    userAgent: letter.user_agent,
    country: letter.country,
  });
}
