import { type ClickHouse, eventKey, removedIds } from "@millimetric/clickhouse";
import { rowOf } from "../ingest/row-line.ts";
import type { StorableRow } from "../ingest/store-rows.ts";
import type { Hashes } from "./hashes.ts";
import { type ForgetRecord, forgetsSince, type HashedSpan } from "./journal.ts";

/** Whose event it is, as far as the event itself tells. `""` or null: it does not. */
export interface EventIds {
  project_id: string;
  anonymous_id?: string | null | undefined;
  user_id?: string | null | undefined;
}

/** What the way in knows of people who were forgotten. Keyed hashes alone, kept in memory. */
export interface Forgotten {
  /** Resolves when what is known is complete as of now: at the start, and with other processes each time. */
  refresh(): Promise<void>;
  /** Resolves when it was complete once. */
  ready(): Promise<void>;
  /** Whether events of this person are refused for good. */
  suppresses(ids: EventIds): boolean;
  /** Whether a row is a forgotten person's: received before they were forgotten, or suppressed. */
  refuses(row: StorableRow): boolean;
  /** Which of these events were stored once and removed with a person, as `project_id/event_id`. */
  removed(rows: readonly StorableRow[]): Promise<Set<string>>;
  /** Takes a request into account at once. */
  learn(record: ForgetRecord): void;
  /** A request was not acknowledged after all. */
  unlearn(record: ForgetRecord): void;
  /** Requests that are accepted and not done, as of the last refresh. */
  pending(): ForgetRecord[];
}

/** Days for which rows that were received before a request may still come out of a spool; ids of removed events are kept as long. */
const lateDays = 90;

interface Known {
  suppressed: Set<string>;
  /** When a person was forgotten last, epoch milliseconds. */
  forgottenAt: Map<string, number>;
  spans: Map<string, { span: HashedSpan; forgottenAt: number }[]>;
}

export function createForgotten(clickhouse: ClickHouse, hashes: Hashes): Forgotten {
  let records = new Map<string, ForgetRecord>();
  let projects = new Map<string, Known>();
  let since: string | undefined;
  let loaded = false;
  let loading: Promise<void> | undefined;

  function note(record: ForgetRecord): void {
    const { project_id, subject, subject_hash, suppress, spans } = record;
    const at = Date.parse(record.requested_at);
    const empty = (): Known => ({ suppressed: new Set(), forgottenAt: new Map(), spans: new Map() });
    const known = projects.get(project_id) ?? empty();
    projects.set(project_id, known);
    if (suppress) known.suppressed.add(subject_hash);
    if (at < Date.now() - lateDays * 86_400_000 && !suppress) return;
    if (subject === "user") known.forgottenAt.set(subject_hash, Math.max(at, known.forgottenAt.get(subject_hash) ?? 0));
    for (const span of spans) {
      const [visitor, from, to] = span;
      // Somebody who was this user and nobody else.
      if (suppress && from === null && to === null) known.suppressed.add(visitor);
      known.spans.set(visitor, [...(known.spans.get(visitor) ?? []), { span, forgottenAt: at }]);
    }
  }

  function learn(record: ForgetRecord): void {
    const before = records.get(record.request_id);
    records.set(record.request_id, record);
    // Newer versions of a record tell of its progress alone.
    if (before === undefined || before.state === "accepting") note(record);
  }

  async function load(): Promise<void> {
    for (const record of await forgetsSince(clickhouse, since)) {
      if (since === undefined || record.version > since) since = record.version;
      if (record.state !== "accepting" && record.state !== "void") learn(record);
    }
    loaded = true;
  }

  function refresh(): Promise<void> {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  }

  const hashOf = ({ project_id, anonymous_id, user_id }: EventIds): string | undefined => {
    if (user_id) return hashes.person(project_id, { kind: "user", id: user_id });
    return anonymous_id ? hashes.person(project_id, { kind: "visitor", id: anonymous_id }) : undefined;
  };

  return {
    refresh,
    async ready() {
      if (!loaded) await refresh();
    },
    suppresses(ids) {
      const known = projects.get(ids.project_id);
      if (known === undefined || known.suppressed.size === 0) return false;
      const hash = hashOf(ids);
      return hash !== undefined && known.suppressed.has(hash);
    },
    refuses({ project_id, sender, line }) {
      const known = projects.get(project_id);
      if (known === undefined) return false;
      const row = rowOf(line) as EventIds & { timestamp: string };
      const hash = hashOf(row);
      if (hash === undefined) return false;
      if (known.suppressed.has(hash)) return true;
      if ((known.forgottenAt.get(hash) ?? Number.NEGATIVE_INFINITY) >= sender.receivedAt) return true;
      if (row.user_id) return false;
      const at = Date.parse(`${row.timestamp}Z`);
      return (known.spans.get(hash) ?? []).some(
        ({ span, forgottenAt }) => sender.receivedAt <= forgottenAt && isIn(span, at),
      );
    },
    async removed(rows) {
      const asked = rows.filter(({ project_id }) => projects.has(project_id));
      if (asked.length === 0) return new Set();
      const byHash = new Map(
        asked.map((row) => {
          const { project_id, event_id } = row;
          const hash = hashes.event(project_id, event_id);
          return [`${project_id}/${hash}`, { row, project_id, hash }];
        }),
      );
      const found = await removedIds(clickhouse, [...byHash.values()]);
      return new Set([...byHash].flatMap(([key, { row }]) => (found.has(key) ? [eventKey(row)] : [])));
    },
    learn,
    unlearn({ request_id }) {
      records.delete(request_id);
      const kept = records;
      records = new Map();
      projects = new Map();
      for (const record of kept.values()) learn(record);
    },
    pending: () => [...records.values()].filter(({ state }) => state !== "done" && state !== "accepting"),
  };
}

/** Whether an instant, in epoch milliseconds, is in a span: after its beginning, and not after its end. */
export const isIn = ([, from, to]: HashedSpan, at: number): boolean =>
  (from === null || at > from) && (to === null || at <= to);
