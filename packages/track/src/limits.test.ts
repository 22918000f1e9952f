import { limits, visitorCookie } from "@millimetric/contracts";
import { expect, test } from "vitest";
import * as own from "./limits.ts";

test("the bounds are those of the wire, and the cookie is the one of the servers", () => {
  expect({ ...own }).toEqual({
    eventLength: limits.event,
    anonymousIdLength: limits.anonymousId,
    userIdLength: limits.userId,
    textLength: limits.text,
    cookieName: visitorCookie.name,
    cookieMaxAge: visitorCookie.maxAgeSeconds,
  });
  // Written out in cookie.ts.
  expect([visitorCookie.path, visitorCookie.sameSite]).toEqual(["/", "Lax"]);
});
