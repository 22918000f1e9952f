import fc from "fast-check";
import { expect, test } from "vitest";
import { idProblem } from "./ids.ts";

const refused = ["", "  ", "\t\n", "null", "undefined", "NaN", "none", "[object Object]", "true", "false", "0", "0000"];
const alsoRefused = ["guest", "anonymous", "Anonymous", " NULL ", "GUEST", "00000000-0000-0000-0000-000000000000"];

test.each([...refused, ...alsoRefused])("refuses %j as an identity", (id) => {
  expect(idProblem(id)).toBeTypeOf("string");
});

test.each(["u_abc", "user_42", "1", "00001", "nullable", "guest-17", "a@b.c", "💚"])("accepts %j", (id) => {
  expect(idProblem(id)).toBeUndefined();
});

test("accepts every UUID but the nil one", () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => idProblem(id) === undefined),
    { seed: 1 },
  );
});
