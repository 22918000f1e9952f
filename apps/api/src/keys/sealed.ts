import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Bytes. */
const nonceLength = 12;
const tagLength = 16;

/** Keeps texts that must be read again, unlike a key: AES-256-GCM under a key derived from KEY_PEPPER. */
export interface Sealer {
  /** `owner` is bound in: what was sealed for one opens for no other. */
  seal(text: string, owner: string): string;
  /** `undefined` when it was sealed with another pepper or for another owner, or was changed. */
  open(sealed: string, owner: string): string | undefined;
}

/** `purpose` keeps the keys of different uses of one pepper apart. */
export function createSealer(pepper: string, purpose: string): Sealer {
  const key = Buffer.from(hkdfSync("sha256", pepper, "", purpose, 32));
  return {
    seal(text, owner) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(owner));
      const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString("base64");
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed, "base64");
      const nonce = bytes.subarray(0, nonceLength);
      const tag = bytes.subarray(nonceLength, nonceLength + tagLength);
      if (tag.length < tagLength) return undefined;
      const options = { authTagLength: tagLength };
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, options).setAAD(Buffer.from(owner)).setAuthTag(tag);
      try {
        return decipher.update(bytes.subarray(nonceLength + tagLength), undefined, "utf8") + decipher.final("utf8");
      } catch {
        return undefined;
      }
    },
  };
}
