import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { composeFiles } from "../../src/clickhouse/composeFiles.ts";
import { passwordVariable, users } from "../../src/clickhouse/usersConfig.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

test.each(Object.entries(composeFiles()))("infra/compose/%s is what the program renders", (path, text) => {
  expect(read(`infra/compose/${path}`)).toBe(text);
});

describe("compose.yaml", () => {
  const files = ["compose.yaml", "compose.cluster.yaml"].map(read);
  const all = files.join("\n");

  test("mounts files that there are, and gives every variable that a configuration asks for", () => {
    const mounted = [...all.matchAll(/\.\/(infra\/compose\/\S+?\.xml):/g)].map(([, path]) => path ?? "");
    expect(mounted.length).toBeGreaterThan(4);
    for (const path of mounted) expect(existsSync(new URL(path, root)), path).toBe(true);
    const passwords: string[] = users.map((user) => passwordVariable(user));
    for (const [, name = ""] of mounted
      .map(read)
      .join("\n")
      .matchAll(/from_env="(\w+)"/g))
      expect(all, name).toContain(`${passwords.includes(name) ? name.replace("_SHA256", "") : name}:`);
  });

  test("names every host that the configurations name", () => {
    for (const [index, name] of ["single", "cluster"].entries())
      for (const file of ["server.xml", "keeper.xml"])
        for (const [, host = ""] of read(`infra/compose/${name}/${file}`).matchAll(/<host(?:name)?>([^<]+)</g))
          expect(files.slice(0, index + 1).join("\n")).toContain(`hostname: ${host}`);
  });

  test("gives the API only variables that it reads", () => {
    const source = read("apps/api/src/config.ts");
    const given =
      all.slice(all.indexOf("x-api-environment")).match(/^x-api-environment[^\n]*\n((?: {2}.*\n)+)/)?.[1] ?? "";
    const names = [...given.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name ?? "");
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(source).toContain(`\n  ${name}: `);
  });

  test("asks for its secrets and holds none", () => {
    const secrets = [...all.matchAll(/(\w*(?:PASSWORD|SECRET|TOKEN|PEPPER)): (.*)/g)];
    expect(secrets.length).toBeGreaterThan(6);
    for (const [, name = "", value] of secrets) expect(value, name).toMatch(/^\$\{[A-Z_]+(:\?[^}]*)?\}$/);
    for (const line of read("infra/compose/example.env").split("\n"))
      if (/PASSWORD|SECRET|TOKEN|PEPPER/.test(line)) expect(line).toMatch(/=$/);
  });
});
