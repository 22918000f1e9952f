import { randomUUID } from "node:crypto";
import { type ClickHouse, instant } from "@millimetric/clickhouse";
import { limits } from "@millimetric/contracts";
import type { EventIds, Forgotten } from "../forget/forgotten.ts";
import type { ApiError } from "../http/errors.ts";
import { uuid } from "../ids.ts";
import type { Envelope } from "./event-row.ts";
import { keptRow } from "./store-rows.ts";

export interface DeadLetters {
  /** Keeps a refused event, as far as there is room; never waits and never throws. `vouched`: its user is beyond doubt. */
  add(event: unknown, error: ApiError, envelope: Envelope, vouched: boolean): void;
  /** Keeps a row that ClickHouse would not take, once under a token; resolves when it is kept. */
  addRow(line: string, message: string, token: string): Promise<void>;
  /** Writes what waits. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Characters of one payload: an event of the wire is not larger. */
const mostPayload = 2 * limits.propertiesBytes;
/** Characters that one project may add in an hour, on one instance: a broken or hostile sender fills no disk. */
const mostPerHour = 20_000_000;
/** Letters that may wait while ClickHouse does not answer; later ones are not kept. */
const mostWaiting = 1_000;
const writeEvery = 1_000;
const apiKeys = /\b([psr]k_(?:live|test)_)[0-9A-Za-z]{8}_[0-9A-Za-z]{32,128}\b/g;

interface Addressee {
  project_id: string;
  env: string;
  key_prefix: string;
  receivedAt: number;
}

interface Letter {
  line: string;
  ids: EventIds;
}

export interface DeadLettersOptions {
  clickhouse: ClickHouse;
  /** Whose letters are not kept. */
  forgotten: Pick<Forgotten, "ready" | "suppresses">;
  onDropped(letters: number): void;
}

/** Refused events go to `dead_letters_v1`, in groups, beside the way of the good ones. */
export function createDeadLetters({ clickhouse, forgotten, onDropped }: DeadLettersOptions): DeadLetters {
  let waiting: Letter[] = [];
  let writing: Promise<void> | undefined;
  let hour = 0;
  let added = new Map<string, number>();
  const timer = setInterval(() => void flush().catch(() => {}), writeEvery).unref();

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      // A copy: more may come while these are written.
      const letters = [...waiting];
      await forgotten.ready();
      const lines = letters.filter(({ ids }) => !forgotten.suppresses(ids)).map(({ line }) => line);
      await clickhouse.insert({ table: "dead_letters_v1", lines, token: randomUUID() });
      waiting = waiting.slice(letters.length);
    }
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  function hasRoom(project_id: string, characters: number): boolean {
    const now = Math.floor(Date.now() / 3_600_000);
    if (now !== hour) added = new Map();
    hour = now;
    const sum = (added.get(project_id) ?? 0) + characters;
    if (sum > mostPerHour || waiting.length >= mostWaiting) return false;
    added.set(project_id, sum);
    return true;
  }

  return {
    add(event, error, envelope, vouched) {
      const made = letter(event, envelope, {
        payload: textOf(event),
        error: error.code,
        message: error.message,
        sent_at: envelope.sentAt === undefined ? null : instant(new Date(envelope.sentAt)),
        user_agent: envelope.userAgent ?? "",
        country: envelope.country ?? "",
        is_row: false,
        vouched,
      });
      if (hasRoom(envelope.project_id, made.line.length)) waiting.push(made);
      else onDropped(1);
    },
    async addRow(line, message, token) {
      const sender = keptRow(line).sender;
      const row: unknown = JSON.parse(line);
      const { line: text, ids } = letter(row, sender, {
        payload: line,
        error: "unstorable",
        message,
        sent_at: null,
        user_agent: "",
        country: "",
        is_row: true,
        vouched: true,
      });
      if (forgotten.suppresses(ids)) return;
      await clickhouse.insert({ table: "dead_letters_v1", lines: [text], token });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush().catch(() => onDropped(waiting.length));
    },
  };
}

/** JSON; what is nested too deeply for it is kept without its payload. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event) ?? "null";
  } catch {
    return "null";
  }
}

interface Contents {
  payload: string;
  error: string;
  message: string;
  sent_at: string | null;
  user_agent: string;
  country: string;
  is_row: boolean;
  vouched: boolean;
}

function letter(event: unknown, { project_id, env, key_prefix, receivedAt }: Addressee, contents: Contents): Letter {
  const field = (name: string) => {
    const value = typeof event === "object" && event !== null ? (event as Record<string, unknown>)[name] : undefined;
    return typeof value === "string" ? value.slice(0, 512).toWellFormed() : "";
  };
  const payload = contents.payload.replace(apiKeys, "$1…");
  // Segment's names are looked for, too: a letter must be found when its person is to be forgotten.
  const anonymous_id = field("anonymous_id") || field("anonymousId");
  const user_id = field("user_id") || field("userId");
  const line = JSON.stringify({
    project_id,
    env,
    dead_letter_id: uuid(),
    received_at: instant(new Date(receivedAt)),
    key_prefix,
    event_id: field("event_id"),
    anonymous_id,
    user_id,
    ...contents,
    payload: payload.slice(0, mostPayload).toWellFormed(),
    too_large: payload.length > mostPayload,
  });
  return { line, ids: { project_id, anonymous_id, user_id } };
}
