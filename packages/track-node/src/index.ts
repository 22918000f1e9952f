export {
  type FlushResult,
  Millimetric,
  Millimetric as MillimetricClient,
  type Stats,
  type WaitOptions,
} from "./client.ts";
export { close, flush, identify, init, track } from "./default.ts";
export { errorCodes, type LostEvent, MillimetricError, type MillimetricErrorCode } from "./errors.ts";
export type { FetchAnswer, FetchInit, FetchLike, Options } from "./options.ts";
export type { Context, DefaultEvents, EventFields, EventName, Events, Id, IdentifyEvent, TrackEvent } from "./types.ts";
export { userHash } from "./user-hash.ts";
