export { Accepted, BatchAccepted, ErrorAnswer, RejectedEvent } from "./answers.ts";
export { type ErrorCode, errorCodes } from "./errors.ts";
export { Context, Event, Identify, Properties, Timestamp } from "./event.ts";
export { idProblem } from "./ids.ts";
export { limits } from "./limits.ts";
export { visitorCookie } from "./visitor-cookie.ts";
