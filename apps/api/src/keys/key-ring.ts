import { ApiError } from "../http/errors.ts";
import { hashKey, type ParsedKey, parseKey, prefixOf, sameSecret } from "./api-key.ts";
import type { ControlPlane, KeyRecord, Project } from "./control-plane.ts";
import { createLastKnown } from "./last-known.ts";

/**
 * Milliseconds; with them a revoked key stops working within the 10 s that SPEC 3.1 allows, on every instance. While
 * ClickHouse does not answer, the last known state of a key counts, so that events can be spooled.
 */
const times = { freshFor: 5_000, patience: 1_000 };
/** Milliseconds for which a key that was found good is recalled without another look. On top of `freshFor`. */
const recalledFor = 1_000;
const mostRecalled = 10_000;
/** Milliseconds between two records of one key's use. */
const useEvery = 60_000;
const mostUses = 10_000;

/** Who is calling: everything a route may know of it, and the only place a project_id comes from. */
export interface Caller extends ParsedKey {
  project_id: string;
  project: Project;
}

/** Looks keys up, with a short cache. */
export interface KeyRing {
  /** @throws ApiError malformed_api_key, invalid_api_key */
  identify(key: string): Promise<Caller>;
  /** What `identify` said of this key within the last second. */
  recall(key: string): Caller | undefined;
  /** Whether any project allows this origin: all that a preflight can be asked. */
  allowsOrigin(origin: string): Promise<boolean>;
  /** Forgets what is cached, after a change on this instance. */
  refresh(): void;
}

export function createKeyRing(controlPlane: ControlPlane, pepper: string): KeyRing {
  const records = createLastKnown<KeyRecord>((prefix) => controlPlane.key(prefix), times);
  const projects = createLastKnown<Map<string, Project>>(
    async () => new Map((await controlPlane.projects()).map((one) => [one.project_id, one])),
    times,
  );
  const allProjects = async () => (await projects.get("all")) ?? new Map<string, Project>();
  const uses = new Map<string, number>();
  /** By prefix: the whole key is compared in constant time. */
  const recent = new Map<string, { key: Buffer; caller: Caller; until: number }>();

  function noteUse(prefix: string): void {
    const now = Date.now();
    if (now - (uses.get(prefix) ?? 0) < useEvery) return;
    if (uses.size >= mostUses) uses.clear();
    uses.set(prefix, now);
    // Coarse and cosmetic: a request never waits for it, and the next one tries again.
    controlPlane.recordUses([{ prefix, at: new Date(now) }]).catch(() => uses.delete(prefix));
  }

  return {
    async identify(key) {
      const parsed = parseKey(key);
      if (parsed === undefined) throw new ApiError("malformed_api_key", "A key looks like sk_live_prefix_secret.");
      const [found, all] = await Promise.all([records.get(parsed.prefix), allProjects()]).catch((cause: unknown) => {
        const options = { retryAfter: 5, cause };
        throw new ApiError("upstream_unavailable", "Keys cannot be looked up now.", options);
      });
      // The same work whether or not the prefix exists.
      const matches = sameSecret(hashKey(key, pepper), found?.hash ?? "0".repeat(64));
      const expired = found?.expires_at != null && Date.parse(found.expires_at) <= Date.now();
      if (found === undefined || !matches || expired)
        throw new ApiError("invalid_api_key", "No such key, or it was revoked.");
      const project = all.get(found.project_id);
      if (project === undefined) throw new ApiError("invalid_api_key", "No such key, or it was revoked.");
      noteUse(parsed.prefix);
      const caller = { kind: found.kind, env: found.env, prefix: found.prefix, project_id: found.project_id, project };
      if (recent.size >= mostRecalled) recent.clear();
      // Never past the end of an overlap.
      const left = found.expires_at === null ? recalledFor : Date.parse(found.expires_at) - Date.now();
      recent.set(found.prefix, {
        key: Buffer.from(key),
        caller,
        until: performance.now() + Math.min(left, recalledFor),
      });
      return caller;
    },
    recall(key) {
      const last = recent.get(prefixOf(key));
      if (last === undefined || performance.now() >= last.until) return undefined;
      return sameSecret(key, last.key) ? last.caller : undefined;
    },
    async allowsOrigin(origin) {
      const list = await allProjects();
      return [...list.values()].some(({ allowed_origins }) => originAllowed(origin, allowed_origins));
    },
    refresh() {
      recent.clear();
      records.clear();
      projects.clear();
    },
  };
}

/**
 * Whether an `Origin` header is on an allow-list of exact origins (`https://shop.example.com`, port included) and
 * wildcards for any sub-domain (`https://*.example.com`).
 */
export function originAllowed(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => {
    if (!pattern.includes("*")) return pattern === origin;
    const [start = "", end = ""] = pattern.split("*");
    const middle = origin.slice(start.length, origin.length - end.length);
    return origin.startsWith(start) && origin.endsWith(end) && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(middle);
  });
}
