import type { FastifyRequest, HookHandlerDoneFunction } from "fastify";
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
  return admitBy(keys, kinds, (request) => {
    const key = bearer(request);
    if (key === undefined) throw new ApiError("missing_bearer_token", "Send Authorization: Bearer with an API key.");
    return key;
  });
}

/** A hook for a single route behind `requireKey`. */
export function requireKind(kind: KeyKind) {
  return async ({ caller }: FastifyRequest): Promise<void> => {
    if (caller.kind !== kind) throw new ApiError("insufficient_scope", `This call needs ${kind}.`);
  };
}

/** A hook for what concerns whole people: it lets sk keys pass alone, whatever else is wrong with another key's request. */
export function requireSecretKey(keys: KeyRing) {
  return async (request: FastifyRequest): Promise<void> => {
    const key = bearer(request);
    if (key === undefined) throw new ApiError("missing_bearer_token", "Send Authorization: Bearer with an API key.");
    const caller = await keys.identify(key);
    if (caller.kind !== "sk") throw new ApiError("forget_requires_secret_key", "This call needs an sk key.");
    request.caller = caller;
  };
}

/** As `requireKey`, for ingest: browsers may also send their pk key in the body or as `?key=`, to save the preflight. */
export function requireIngestKey(keys: KeyRing) {
  return admitBy(keys, ["pk", "sk"], (request) => {
    const header = bearer(request);
    const key = header ?? publicKey(request);
    if (key === undefined) throw new ApiError("missing_bearer_token", "Send Authorization: Bearer with an API key.");
    if (header === undefined && !key.startsWith("pk_"))
      throw new ApiError("insufficient_scope", "Only a pk key may travel in a body or an address.");
    return key;
  });
}

/** A hook that takes the key that `keyOf` finds. It waits for nothing when the key was seen a moment ago. */
export function admitBy(keys: KeyRing, kinds: readonly KeyKind[], keyOf: (request: FastifyRequest) => string) {
  return (request: FastifyRequest, _reply: unknown, done: HookHandlerDoneFunction): void => {
    const key = keyOf(request);
    const known = keys.recall(key);
    if (known !== undefined) {
      request.caller = admit(known, kinds, request);
      done();
      return;
    }
    const identified = keys.identify(key).then((caller) => {
      request.caller = admit(caller, kinds, request);
    });
    identified.then(() => done(), done);
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
