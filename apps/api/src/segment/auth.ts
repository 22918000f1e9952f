import type { FastifyRequest } from "fastify";
import { admitBy, bearer } from "../http/auth.ts";
import { ApiError } from "../http/errors.ts";
import type { KeyRing } from "../keys/key-ring.ts";

/** As `requireIngestKey`, where Segment's clients put the key: user name of Basic, or `writeKey` in the body. */
export function requireWriteKey(keys: KeyRing) {
  return admitBy(keys, ["pk", "sk"], (request) => {
    const key = userName(request) ?? bearer(request) ?? writeKey(request.body);
    if (key === undefined)
      throw new ApiError(
        "missing_bearer_token",
        "Send an API key as the user name of Authorization: Basic, or writeKey.",
      );
    return key;
  });
}

function userName(request: FastifyRequest): string | undefined {
  const [, token] = /^Basic +([A-Za-z0-9+/_=-]+) *$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) return undefined;
  const [user = ""] = Buffer.from(token, "base64").toString().split(":");
  return user === "" ? undefined : user;
}

function writeKey(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("writeKey" in body)) return undefined;
  return typeof body.writeKey === "string" ? body.writeKey : undefined;
}
