import { randomUUID } from "node:crypto";
import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";

/** The ids that a writer is about to store; replaces what it claimed before. */
export interface Claim {
  writer: string;
  /** Grows with every claim of a writer. */
  version: number;
  /** 64-bit hashes, decimal. */
  ids: readonly string[];
}

/** A live claim of another writer that shares ids with ours. */
export interface RivalClaim {
  writer: string;
  contested: string[];
}

export async function publishClaim(clickhouse: ClickHouse, claim: Claim): Promise<void> {
  await clickhouse.insert({ table: "claims_v1", lines: [JSON.stringify(claim)], token: randomUUID() });
}

/** `lifetimeMs`: age at which a claim counts no more. */
export function rivalClaims(
  clickhouse: ClickHouse,
  params: { writer: string; lifetimeMs: number },
): Promise<RivalClaim[]> {
  return clickhouse.lookUp(loadSql("rival-claims"), { writer: params.writer, lifetime_ms: params.lifetimeMs });
}
