import { readFileSync } from "node:fs";
import { errorCodes } from "@millimetric/contracts";
import { expect, test } from "vitest";
import { Environment } from "../src/config.ts";

const page = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");

test("README lists every environment variable with its default and meaning", () => {
  const rows = Object.entries(Environment.properties).map(([name, schema]) => {
    const { description, ...rest } = { description: "", ...schema };
    const shown = "default" in rest && rest.default !== "" ? `\`${rest.default}\`` : "";
    return `| \`${name}\` | ${shown} | ${description} |`;
  });
  const table = /<!-- environment: .*-->\n.*\n.*\n([\s\S]*?)<!-- \/environment -->/.exec(page("README.md"))?.[1];
  expect(table?.trim().split("\n")).toEqual(rows);
});

test("docs/errors.md lists every error code with its status and meaning", () => {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  const listed = page("docs/errors.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(listed).toEqual(rows);
});
