import { createHmac } from "node:crypto";

/**
 * The `user_hash` that proves a browser's `identify` when the project verifies identities: HMAC-SHA256 of the user id
 * with the project's identity secret, in lower-case hex. Make it on the server, and give it to the signed-in page; the
 * secret itself must never reach a browser.
 *
 * @throws {TypeError} when the id or the secret is empty or no string
 */
export function userHash(userId: string, secret: string): string {
  if (typeof userId !== "string" || userId === "") throw new TypeError("userHash: userId must be a non-empty string.");
  if (typeof secret !== "string" || secret === "") throw new TypeError("userHash: secret must be a non-empty string.");
  return createHmac("sha256", secret).update(userId).digest("hex");
}
