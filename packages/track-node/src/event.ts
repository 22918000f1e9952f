import { idProblem, limits } from "@millimetric/contracts";
import packageJson from "../package.json" with { type: "json" };
import { MillimetricError } from "./errors.ts";
import type { Queued } from "./queue.ts";
import { uuidv7 } from "./uuid.ts";

const library = { name: packageJson.name, version: packageJson.version };

const ownContext = { library };

/** What `track` was called with, before anything is known about it. */
type Raw = Readonly<Record<string, unknown>>;

const knownFields: ReadonlySet<string> = new Set([
  "session_id",
  "url",
  "path",
  "referrer",
  "title",
  "event",
  "event_id",
  "timestamp",
  "anonymous_id",
  "user_id",
  "properties",
  "context",
]);

const invalid = (message: string, cause?: unknown) =>
  new MillimetricError("invalid_event", message, { count: 1, cause });

function text(field: string, value: unknown, maxLength: number): string {
  if (typeof value !== "string" || value === "") throw invalid(`${field} must be a string that is not empty.`);
  if (value.length > maxLength)
    throw invalid(`${field} must have at most ${maxLength} characters, has ${value.length}.`);
  return value;
}

function id(field: string, value: unknown, maxLength: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  const given = typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  if (typeof given !== "string") throw invalid(`${field} must be a string, but is ${typeof value}.`);
  const problem = idProblem(given);
  if (problem !== undefined) throw invalid(`${field} ${problem}.`);
  return text(field, given, maxLength);
}

let lastMs = Number.NaN;
let lastInstant = "";

/** Events come in bursts: most have the millisecond of the one before. */
function instant(ms: number): string {
  if (ms !== lastMs) {
    lastInstant = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastInstant;
}

function timestamp(value: unknown, nowMs: number): string | number {
  if (value === undefined) return instant(nowMs);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && !Number.isNaN(Date.parse(value))) return value;
  throw invalid("timestamp must be a valid Date, ISO 8601 with zone, or epoch milliseconds.");
}

function object(field: string, value: unknown): object | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(`${field} must be an object.`);
  return value;
}

/** Database ids are often bigint, which JSON does not know: they go as text. */
const bigintAsText = (_key: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);

function toJson(field: string, value: object): string {
  try {
    return JSON.stringify(value) ?? "{}";
  } catch {
    try {
      return JSON.stringify(value, bigintAsText) ?? "{}";
    } catch (cause) {
      throw invalid(`${field} cannot be written as JSON (${cause instanceof Error ? cause.message : "?"}).`, cause);
    }
  }
}

/** Throws when the properties are over the limit; `json` is the event with them. */
function checkSize(properties: object, json: string): void {
  // A UTF-16 code unit takes at most three bytes of UTF-8: small events need no count.
  if (json.length * 3 <= limits.propertiesBytes) return;
  const bytes = Buffer.byteLength(toJson("properties", properties));
  if (bytes > limits.propertiesBytes)
    throw invalid(`properties must have at most ${limits.propertiesBytes} bytes as JSON, has ${bytes}.`);
}

const none: string[] = [];

/** Fields that the API would ignore: misspelt ones, most likely. */
export function unknownFields(event: Raw): string[] {
  let unknown: string[] = none;
  for (const field in event) if (!knownFields.has(field)) unknown = [...unknown, field];
  return unknown;
}

/**
 * Checks what would be refused for certain, gives the event its id and time, and serialises it, so that later changes
 * to the caller's objects change nothing. Throws `invalid_event`.
 */
export function prepareEvent(event: Raw, nowMs: number): Queued {
  if (typeof event !== "object" || event === null)
    throw invalid('track takes one object: track({ event: "signup", user_id: "user_42" }).');
  const anonymousId = id("anonymous_id", event["anonymous_id"], limits.anonymousId);
  const userId = id("user_id", event["user_id"], limits.userId);
  if (anonymousId === undefined && userId === undefined) throw invalid("an event needs anonymous_id, user_id or both.");
  if (anonymousId === userId) throw invalid("user_id must not be the same as anonymous_id.");
  const eventId = event["event_id"] === undefined ? uuidv7(nowMs) : text("event_id", event["event_id"], limits.eventId);
  const context = object("context", event["context"]);
  const properties = object("properties", event["properties"]);
  // JSON leaves out what is undefined.
  const json = toJson("the event", {
    event: text("event", event["event"], limits.event),
    event_id: eventId,
    timestamp: timestamp(event["timestamp"], nowMs),
    anonymous_id: anonymousId,
    user_id: userId,
    session_id: event["session_id"] ?? undefined,
    url: event["url"] ?? undefined,
    path: event["path"] ?? undefined,
    referrer: event["referrer"] ?? undefined,
    title: event["title"] ?? undefined,
    context: context === undefined ? ownContext : { library, ...context },
    properties,
  });
  if (properties !== undefined) checkSize(properties, json);
  return { event_id: eventId, json, bytes: Buffer.byteLength(json), place: 0 };
}
