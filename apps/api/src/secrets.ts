import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";

export interface Secrets {
  adminToken: string;
  keyPepper: string;
}

/** The configured secrets; in embedded mode absent ones are made once and kept in DATA_DIR, readable by the owner alone. */
export function loadSecrets(config: Config): Secrets {
  const kept = config.server === undefined ? keptSecrets(config.dataDir) : {};
  const { adminToken, keyPepper } = { ...kept, ...config };
  if (adminToken === undefined || keyPepper === undefined) throw new Error("ADMIN_TOKEN and KEY_PEPPER are required");
  return { adminToken, keyPepper };
}

function keptSecrets(dataDir: string): Secrets {
  const file = join(dataDir, "secrets.json");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) {
    const made: Secrets = { adminToken: randomBytes(24).toString("hex"), keyPepper: randomBytes(32).toString("hex") };
    writeFileSync(file, JSON.stringify(made), { mode: 0o600, flag: "wx" });
  }
  return JSON.parse(readFileSync(file, "utf8")) as Secrets;
}
