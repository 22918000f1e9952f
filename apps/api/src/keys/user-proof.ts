import { createHmac } from "node:crypto";
import { ApiError } from "../http/errors.ts";
import { sameSecret } from "./api-key.ts";
import type { IdentitySecrets, WorkingSecret } from "./identity-secrets.ts";
import { createLastKnown } from "./last-known.ts";

/** Milliseconds; as for keys. */
const times = { freshFor: 5_000, patience: 1_000 };
/** Milliseconds: a wrong hash may be one of a secret that is newer than what we know, but a flood of them asks no more often. */
const lookAgainAfter = 1_000;

/** Who an event says it is of, and what shall prove it. */
export interface UserClaim {
  user_id: string;
  user_hash: unknown;
}

/** Checks user hashes against the secrets of a project, with a short cache. */
export interface UserProofs {
  /** For each claim, whether its hash is right. A secret made a moment ago, on any instance, counts. */
  check(project_id: string, claims: readonly UserClaim[]): Promise<boolean[]>;
  /** Forgets what is cached, after a change on this instance. */
  refresh(): void;
}

export function createUserProofs(secrets: Pick<IdentitySecrets, "working">): UserProofs {
  // A project without a secret is asked for each time, and proves nobody.
  const known = createLastKnown<WorkingSecret[]>(async (project_id) => {
    const working = await secrets.working(project_id);
    return working.length === 0 ? undefined : working;
  }, times);

  async function secretsOf(project_id: string, freshFor?: number): Promise<string[]> {
    const found = await known.get(project_id, freshFor).catch((cause: unknown) => {
      throw new ApiError("upstream_unavailable", "Identities cannot be verified now.", { retryAfter: 5, cause });
    });
    const now = Date.now();
    return (found ?? []).filter(({ until }) => until > now).map(({ secret }) => secret);
  }

  return {
    async check(project_id, claims) {
      if (claims.length === 0) return [];
      const secrets = await secretsOf(project_id);
      const proven = claims.map((claim) => isProven(claim, secrets));
      const wrong = claims.some(({ user_hash }, at) => typeof user_hash === "string" && proven[at] !== true);
      if (!wrong) return proven;
      const newest = await secretsOf(project_id, lookAgainAfter);
      return claims.map((claim) => isProven(claim, newest));
    },
    refresh: () => known.clear(),
  };
}

/** Every secret is tried, whichever fits, and compared in constant time. */
function isProven({ user_id, user_hash }: UserClaim, secrets: readonly string[]): boolean {
  if (typeof user_hash !== "string") return false;
  const given = user_hash.toLowerCase();
  const fits = secrets.map((secret) => sameSecret(createHmac("sha256", secret).update(user_id).digest("hex"), given));
  return fits.includes(true);
}
