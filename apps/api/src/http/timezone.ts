import { Type } from "typebox";
import { ApiError } from "./errors.ts";

export const Timezone = Type.String({
  maxLength: 64,
  default: "UTC",
  description: "IANA name; where days begin.",
});

/** @throws ApiError invalid_params */
export function checkZone(timezone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw new ApiError("invalid_params", "timezone is not an IANA time zone.");
  }
  // What Intl takes beside names, such as +01:00, ClickHouse does not.
  if (!/^[A-Za-z][\w+/-]*$/.test(timezone)) throw new ApiError("invalid_params", "timezone is not an IANA time zone.");
}
