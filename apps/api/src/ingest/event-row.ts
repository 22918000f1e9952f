import { instant } from "@millimetric/clickhouse";
import { type ErrorCode, Event, idProblem, limits } from "@millimetric/contracts";
import { createDeviceReader, remember, type Scrub } from "@millimetric/enrichment";
import { Compile } from "typebox/compile";
import { ApiError } from "../http/errors.ts";
import { uuid } from "../ids.ts";
import { createLandingReader, type Landing } from "./landing.ts";
import type { Sender } from "./ledger.ts";
import { lineOfValues } from "./row-line.ts";
import type { StorableRow } from "./store-rows.ts";
import { eventTime, parseInstant } from "./time.ts";
import { textProblem } from "./well-formed.ts";

const eventShape = Compile(Event);
const deviceOf = createDeviceReader();
/** Events of one moment come together. */
const instantAt = remember((ms: number) => instant(new Date(ms)), 100);
const landingAt = createLandingReader();

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
  const landing = landingAt(event.url ?? "", event.referrer ?? "");
  if (!landing.isUrl) throw refuse("invalid_payload", "url is not a URL.");
  const event_id = event.event_id ?? uuid();
  const received = instantAt(receivedAt);
  const { project_id, env, key_prefix } = envelope;
  const device = deviceOf(event.context?.user_agent || (envelope.userAgent ?? ""));
  const line = lineOfValues(
    [
      project_id,
      env,
      key_prefix,
      event_id,
      at === receivedAt ? received : instantAt(at),
      received,
      clamped,
      event.event,
      event.anonymous_id ?? "",
      event.user_id ?? null,
      event.session_id ?? "",
      event.path ?? landing.path,
      event.title ?? "",
      envelope.country ?? "",
      device.device_type,
      device.browser,
      device.os,
      device.is_bot,
      device.bot_reason,
      propertiesOf(event, landing),
      event.context === undefined ? "{}" : JSON.stringify(event.context),
    ],
    landing.values,
  );
  return { project_id, event_id, sender: envelope, ownId: event.event_id === undefined, line };
}

function checkedEvent(input: unknown): Event {
  const problem = textProblem(input);
  if (problem !== undefined) throw refuse("invalid_payload", `The event ${problem}.`);
  if (!eventShape.Check(input)) throw refuse("invalid_payload", "The event is not acceptable.", shapeProblems(input));
  const { anonymous_id, user_id } = input;
  if (anonymous_id == null && user_id == null)
    throw refuse("missing_identity", "An event needs anonymous_id, user_id or both.");
  checkId("anonymous_id", anonymous_id);
  checkId("user_id", user_id);
  if (user_id != null && user_id === anonymous_id)
    throw refuse("invalid_id", "user_id is the anonymous_id; send the user's own id.", { field: "user_id" });
  return input;
}

function checkId(field: string, id: string | null | undefined): void {
  const problem = id == null ? undefined : idProblem(id);
  if (problem !== undefined) throw refuse("invalid_id", `${field} ${problem}.`, { field });
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

/** The properties as JSON, with the campaign parameters of the url where the sender did not name them. */
function propertiesOf({ properties = {} }: Event, { campaign }: Landing): string {
  const own = JSON.stringify(properties);
  // No character is more than three bytes.
  if (own.length * 3 > limits.propertiesBytes && Buffer.byteLength(own) > limits.propertiesBytes)
    throw refuse("invalid_payload", "properties are over 32 KB.");
  return Object.keys(campaign).length === 0 ? own : JSON.stringify({ ...campaign, ...properties });
}
