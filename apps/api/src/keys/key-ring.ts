import { ApiError } from "../http/errors.ts";
import { hashKey, type ParsedKey, parseKey, sameSecret } from "./api-key.ts";
import type { ControlPlane, KeyRecord, Project } from "./control-plane.ts";

/** Milliseconds; with it a revoked key stops working within the 10 s that SPEC 3.1 allows, on every instance. */
const cachedFor = 5_000;
/** Milliseconds between two records of one key's use. */
const useEvery = 60_000;
const mostCached = 10_000;

/** Who is calling: everything a route may know of it, and the only place a project_id comes from. */
export interface Caller extends ParsedKey {
  project_id: string;
  project: Project;
}

interface Cached<T> {
  value: T;
  at: number;
}

/** Looks keys up, with a short cache. */
export interface KeyRing {
  /** @throws ApiError malformed_api_key, invalid_api_key */
  identify(key: string): Promise<Caller>;
  /** Whether any project allows this origin: all that a preflight can be asked. */
  allowsOrigin(origin: string): Promise<boolean>;
  /** Forgets what is cached, after a change on this instance. */
  refresh(): void;
}

export function createKeyRing(controlPlane: ControlPlane, pepper: string): KeyRing {
  const records = new Map<string, Cached<Promise<KeyRecord | undefined>>>();
  const uses = new Map<string, number>();
  let projects: Cached<Promise<Map<string, Project>>> | undefined;

  const fresh = (entry: Cached<unknown> | undefined) => entry !== undefined && Date.now() - entry.at < cachedFor;

  function allProjects(): Promise<Map<string, Project>> {
    if (projects === undefined || !fresh(projects)) {
      const value = controlPlane.projects().then((list) => new Map(list.map((one) => [one.project_id, one])));
      projects = { value, at: Date.now() };
      value.catch(() => {
        projects = undefined;
      });
    }
    return projects.value;
  }

  function record(prefix: string): Promise<KeyRecord | undefined> {
    const known = records.get(prefix);
    if (known !== undefined && fresh(known)) return known.value;
    if (records.size >= mostCached) records.clear();
    const value = controlPlane.key(prefix);
    records.set(prefix, { value, at: Date.now() });
    // A key that is not there may be made the next moment, by another instance.
    const forget = () => records.delete(prefix);
    value.then((found) => found ?? forget(), forget);
    return value;
  }

  function noteUse(prefix: string): void {
    const now = Date.now();
    if (now - (uses.get(prefix) ?? 0) < useEvery) return;
    if (uses.size >= mostCached) uses.clear();
    uses.set(prefix, now);
    // Coarse and cosmetic: a request never waits for it, and the next one tries again.
    controlPlane.recordUses([{ prefix, at: new Date(now) }]).catch(() => uses.delete(prefix));
  }

  return {
    async identify(key) {
      const parsed = parseKey(key);
      if (parsed === undefined) throw new ApiError("malformed_api_key", "A key looks like sk_live_prefix_secret.");
      const found = await record(parsed.prefix);
      // The same work whether or not the prefix exists.
      const matches = sameSecret(hashKey(key, pepper), found?.hash ?? "0".repeat(64));
      const expired = found?.expires_at != null && Date.parse(found.expires_at) <= Date.now();
      if (found === undefined || !matches || expired)
        throw new ApiError("invalid_api_key", "No such key, or it was revoked.");
      const project = (await allProjects()).get(found.project_id);
      if (project === undefined) throw new ApiError("invalid_api_key", "No such key, or it was revoked.");
      noteUse(parsed.prefix);
      return { kind: found.kind, env: found.env, prefix: found.prefix, project_id: found.project_id, project };
    },
    async allowsOrigin(origin) {
      const list = await allProjects();
      return [...list.values()].some(({ allowed_origins }) => originAllowed(origin, allowed_origins));
    },
    refresh() {
      records.clear();
      projects = undefined;
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
