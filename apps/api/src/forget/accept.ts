import { setTimeout as wait } from "node:timers/promises";
import { type ClickHouse, dropWorkList, isAboutStatement, rowsFound } from "@millimetric/clickhouse";
import { ApiError } from "../http/errors.ts";
import { uuid } from "../ids.ts";
import type { DeadLetters } from "../ingest/dead-letters.ts";
import type { GroupCommit } from "../ingest/group-commit.ts";
import type { Spool } from "../spool/spool.ts";
import type { Forgotten } from "./forgotten.ts";
import type { Hashes, Subject } from "./hashes.ts";
import { type ForgetRecord, saveForget } from "./journal.ts";
import { makeWorkList } from "./work-list.ts";

export interface AcceptDeps {
  clickhouse: ClickHouse;
  hashes: Hashes;
  forgotten: Forgotten;
  commit: Pick<GroupCommit, "settled">;
  spool: Pick<Spool, "stats">;
  deadLetters: Pick<DeadLetters, "flush">;
}

export interface ForgetRequest {
  project_id: string;
  subject: Subject;
  /** Refuse later events of the person, too. */
  suppress: boolean;
  /** Public part of the key that asks. */
  requested_by: string;
}

/**
 * Takes a request to forget somebody. When it resolves no read shows the person any more, and the removal can no longer fail to
 * end: what is theirs is written down, event by event, before anything of it is removed.
 * @throws ApiError upstream_unavailable: ClickHouse is away, or events wait in the spool still; nobody is forgotten
 */
export async function acceptForget(deps: AcceptDeps, request: ForgetRequest): Promise<ForgetRecord> {
  const { clickhouse, forgotten } = deps;
  await spoolEmpty(deps.spool);
  // What is under way now may tell of visitors that were this user.
  await deps.commit.settled();
  const record: ForgetRecord = {
    project_id: request.project_id,
    request_id: uuid(),
    subject: request.subject.kind,
    subject_hash: deps.hashes.person(request.project_id, request.subject),
    suppress: request.suppress,
    spans: [],
    requested_by: request.requested_by,
    requested_at: new Date().toISOString(),
    state: "accepting",
    started_at: null,
    finished_at: null,
    found: {},
    removed: {},
    failure: "",
    version: "",
  };
  await saveForget(clickhouse, record).catch((cause: unknown) => {
    throw unavailable(cause);
  });
  // From here on what was received before this moment and is not stored yet will not be.
  forgotten.learn(record);
  try {
    await Promise.all([deps.commit.settled(), deps.deadLetters.flush()]);
    const spans = await makeWorkList(clickhouse, deps.hashes, record, request.subject);
    const found = { ...(await rowsFound(clickhouse, record)) };
    const queued: ForgetRecord = { ...record, spans, found, state: "queued" };
    await saveForget(clickhouse, queued);
    forgotten.learn(queued);
    return queued;
  } catch (error) {
    forgotten.unlearn(record);
    // When this fails as well, the removal does it later.
    await voidForget(clickhouse, record).catch(() => {});
    throw unavailable(error);
  }
}

/** Undoes a request that was not acknowledged. */
export async function voidForget(clickhouse: ClickHouse, record: ForgetRecord): Promise<void> {
  await dropWorkList(clickhouse, record.request_id);
  await saveForget(clickhouse, { ...record, suppress: false, state: "void" });
}

/** An insert tells in its own words that ClickHouse is away. */
function unavailable(cause: unknown): unknown {
  if (cause instanceof ApiError || isAboutStatement(cause)) return cause;
  return new ApiError("upstream_unavailable", "ClickHouse does not answer; ask again later.", { retryAfter: 5, cause });
}

/** Milliseconds for which a request waits for the spool. */
const patience = 5_000;

/** What is in the spool may belong to the person without telling so: the events that say whose it is may be in there, too. */
async function spoolEmpty(spool: AcceptDeps["spool"]): Promise<void> {
  const giveUpAt = performance.now() + patience;
  while (spool.stats().rows > 0) {
    if (performance.now() > giveUpAt)
      throw new ApiError("upstream_unavailable", "Events wait in the spool; ask again when they are stored.", {
        retryAfter: 5,
      });
    await wait(50);
  }
}
