import { createHmac, randomInt, timingSafeEqual } from "node:crypto";

export const keyKinds = ["pk", "sk", "rk"] as const;
export type KeyKind = (typeof keyKinds)[number];
export const environments = ["live", "test"] as const;
export type Env = (typeof environments)[number];

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Letters and digits of a CSPRNG, 5.95 bits each. */
export const randomText = (length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");

export interface ParsedKey {
  kind: KeyKind;
  env: Env;
  prefix: string;
}

const form = /^(pk|sk|rk)_(live|test)_([0-9A-Za-z]{8})_[0-9A-Za-z]{32,128}$/;

/** The public parts of a key, or `undefined` when it does not have the form. */
export function parseKey(key: string): ParsedKey | undefined {
  const [, kind, env, prefix] = form.exec(key) ?? [];
  return prefix === undefined ? undefined : { kind: kind as KeyKind, env: env as Env, prefix };
}

/** The prefix of a key that has the form; of other text, some part of it. */
export const prefixOf = (key: string) => key.slice("sk_live_".length, "sk_live_".length + 8);

/** A new key; the secret holds 238 bits of a CSPRNG. */
export function generateKey(kind: KeyKind, env: Env): { key: string; prefix: string } {
  const prefix = randomText(8);
  return { key: `${kind}_${env}_${prefix}_${randomText(40)}`, prefix };
}

/** What is stored of a key: HMAC-SHA256, hex. */
export const hashKey = (key: string, pepper: string) => createHmac("sha256", pepper).update(key).digest("hex");

/** Compares in constant time. */
export function sameSecret(a: string, b: string | Buffer): boolean {
  const left = Buffer.from(a);
  const right = typeof b === "string" ? Buffer.from(b) : b;
  return left.length === right.length && timingSafeEqual(left, right);
}
