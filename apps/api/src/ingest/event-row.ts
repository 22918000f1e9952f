import { campaignParameters, classify, RULES_VERSION } from "@millimetric/attribution";
import { instant } from "@millimetric/clickhouse";
import { type ErrorCode, Event, idProblem, limits } from "@millimetric/contracts";
import { createDeviceReader, type Scrub } from "@millimetric/enrichment";
import { Compile } from "typebox/compile";
import { ApiError } from "../http/errors.ts";
import { uuid } from "../ids.ts";
import type { Sender } from "./ledger.ts";
import type { StorableRow } from "./store-rows.ts";
import { eventTime, parseInstant } from "./time.ts";
import { textProblem } from "./well-formed.ts";

const eventShape = Compile(Event);
const deviceOf = createDeviceReader();

export interface Envelope extends Sender {
  /** Client's clock when it sent the batch, epoch milliseconds. */
  sentAt?: number | undefined;
  /** Of the visitor, when the request tells it. */
  userAgent?: string | undefined;
  /** Where the visitor is: ISO 3166-1 alpha-2, or empty. */
  country?: string | undefined;
  /** Cuts from addresses what this project does not want kept. */
  scrub?: Scrub | undefined;
}

const refuse = (code: ErrorCode, message: string, details?: unknown) => new ApiError(code, message, { details });

/** Checks one event of the wire and makes its row. @throws ApiError */
export function eventRow(input: unknown, envelope: Envelope): StorableRow {
  const event = checkedEvent(input);
  const { receivedAt } = envelope;
  const sentAt = instantField("sent_at", event.sent_at) ?? envelope.sentAt;
  const timestamp = instantField("timestamp", event.timestamp);
  const { at, clamped } = eventTime({
    receivedAt,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(sentAt === undefined ? {} : { sentAt }),
  });
  const url = event.url ?? "";
  const { confidence, rule_id, ...origin } = classify({ url, referrer: event.referrer });
  const event_id = event.event_id ?? uuid();
  const row = {
    project_id: envelope.project_id,
    env: envelope.env,
    event_id,
    timestamp: instant(new Date(at)),
    received_at: instant(new Date(receivedAt)),
    key_prefix: envelope.key_prefix,
    timestamp_clamped: clamped,
    event_name: event.event,
    anonymous_id: event.anonymous_id ?? "",
    user_id: event.user_id ?? null,
    session_id: event.session_id ?? "",
    ...origin,
    source_confidence: confidence,
    source_rule_id: rule_id,
    rules_version: RULES_VERSION,
    url,
    path: event.path ?? pathOf(url),
    referrer: event.referrer ?? "",
    title: event.title ?? "",
    country: envelope.country ?? "",
    ...deviceOf(event.context?.user_agent || (envelope.userAgent ?? "")),
    properties: propertiesOf(event),
    context: JSON.stringify(event.context ?? {}),
  };
  const sender = { project_id: row.project_id, env: row.env, key_prefix: row.key_prefix, receivedAt };
  return {
    project_id: row.project_id,
    event_id,
    sender,
    ownId: event.event_id === undefined,
    line: JSON.stringify(row),
  };
}

function checkedEvent(input: unknown): Event {
  const problem = textProblem(input);
  if (problem !== undefined) throw refuse("invalid_payload", `The event ${problem}.`);
  if (!eventShape.Check(input)) throw refuse("invalid_payload", "The event is not acceptable.", shapeProblems(input));
  const { anonymous_id, user_id, url } = input;
  if (anonymous_id == null && user_id == null)
    throw refuse("missing_identity", "An event needs anonymous_id, user_id or both.");
  checkIds({ anonymous_id, user_id });
  if (url !== undefined && url !== "" && !URL.canParse(url)) throw refuse("invalid_payload", "url is not a URL.");
  return input;
}

function checkIds(ids: { anonymous_id?: string | null | undefined; user_id?: string | null | undefined }): void {
  for (const [field, id] of Object.entries(ids)) {
    const problem = id == null ? undefined : idProblem(id);
    if (problem !== undefined) throw refuse("invalid_id", `${field} ${problem}.`, { field });
  }
  if (ids.user_id != null && ids.user_id === ids.anonymous_id)
    throw refuse("invalid_id", "user_id is the anonymous_id; send the user's own id.", { field: "user_id" });
}

/** What a shape refuses, in a few lines. */
export function shapeProblems(
  input: unknown,
  shape: { Errors(value: unknown): Iterable<{ instancePath: string; message: string }> } = eventShape,
) {
  return [...shape.Errors(input)].slice(0, 5).map(({ instancePath, message }) => ({ path: instancePath, message }));
}

function instantField(field: string, value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const at = parseInstant(value);
  if (at === undefined)
    throw refuse(
      "invalid_payload",
      `${field} is no instant: ISO 8601 with a zone or epoch milliseconds, 1970 to 2199.`,
    );
  return at;
}

const pathOf = (url: string) => (url === "" ? "" : new URL(url).pathname);

/** The properties as JSON, with the campaign parameters of the url where the sender did not name them. */
function propertiesOf({ properties = {}, url = "" }: Event): string {
  if (Buffer.byteLength(JSON.stringify(properties)) > limits.propertiesBytes)
    throw refuse("invalid_payload", "properties are over 32 KB.");
  return JSON.stringify({ ...campaignParameters(url), ...properties });
}
