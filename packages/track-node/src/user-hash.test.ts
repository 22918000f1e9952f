import { expect, test } from "vitest";
import { userHash } from "./user-hash.ts";

test("the hash is HMAC-SHA256 of the user id with the secret, in lower-case hex", () => {
  // RFC 4231, test case 2.
  expect(userHash("what do ya want for nothing?", "Jefe")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test.each([
  ["", "secret", "userId"],
  [42, "secret", "userId"],
  ["user_42", "", "secret"],
  ["user_42", undefined, "secret"],
])("userHash(%j, %j) throws: an empty part would make a hash that anybody can make", (userId, secret, named) => {
  expect(() => userHash(userId as string, secret as string)).toThrow(`${named} must be a non-empty string`);
});
