import type { FastifyRequest } from "fastify";
import type { KeyKind } from "../keys/api-key.ts";
import { type Caller, type KeyRing, originAllowed } from "../keys/key-ring.ts";
import { ApiError } from "./errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set by `requireKey`; reading it on a route without a key is a bug and throws. */
    caller: Caller;
  }
}

/** The token of `Authorization: Bearer …`. */
export function bearer(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
}

/** A hook that lets keys of these kinds pass and says whose they are. */
export function requireKey(keys: KeyRing, kinds: readonly KeyKind[]) {
  return async (request: FastifyRequest): Promise<void> => {
    const key = bearer(request);
    if (key === undefined) throw new ApiError("missing_bearer_token", "Send Authorization: Bearer with an API key.");
    request.caller = admit(await keys.identify(key), kinds, request);
  };
}

/** A hook for a single route behind `requireKey`. */
export function requireKind(kind: KeyKind) {
  return async ({ caller }: FastifyRequest): Promise<void> => {
    if (caller.kind !== kind) throw new ApiError("insufficient_scope", `This call needs ${kind}.`);
  };
}

/** As `requireKey`, for ingest: browsers may also send their pk key in the body or as `?key=`, to save the preflight. */
export function requireIngestKey(keys: KeyRing) {
  return async (request: FastifyRequest): Promise<void> => {
    const header = bearer(request);
    const key = header ?? publicKey(request);
    if (key === undefined) throw new ApiError("missing_bearer_token", "Send Authorization: Bearer with an API key.");
    if (header === undefined && !key.startsWith("pk_"))
      throw new ApiError("insufficient_scope", "Only a pk key may travel in a body or an address.");
    request.caller = admit(await keys.identify(key), ["pk", "sk"], request);
  };
}

function publicKey({ body, query }: FastifyRequest): string | undefined {
  for (const from of [body, query]) {
    if (typeof from === "object" && from !== null && "key" in from && typeof from.key === "string") return from.key;
  }
  return undefined;
}

/** Says whose the key is, if it may make this call. @throws ApiError insufficient_scope, origin_not_allowed */
export function admit(caller: Caller, kinds: readonly KeyKind[], request: FastifyRequest): Caller {
  if (!kinds.includes(caller.kind)) throw new ApiError("insufficient_scope", `This call needs ${kinds.join(" or ")}.`);
  if (caller.kind === "pk" && !originAllowed(request.headers.origin ?? "", caller.project.allowed_origins))
    throw new ApiError("origin_not_allowed", "A pk key works from the project's allowed origins only.");
  return caller;
}
