import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allAlarms } from "../src/alarms.ts";
import { costTable } from "../src/costs.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const deploy = read("docs/deploy-aws.md");
const runbook = read("docs/runbook.md");

test("docs/deploy-aws.md shows what infra/src/costs.ts computes", () => {
  const table = /<!-- costs.*?-->\n([\s\S]*?)\n<!-- \/costs -->/.exec(deploy)?.[1];
  expect(table).toBe(costTable());
});

test("docs/runbook.md has a chapter for every alarm, and for no alarm that there is not", () => {
  const chapters = [...runbook.matchAll(/^## `([a-z-]+)`$/gm)].map(([, name]) => name);
  expect(chapters.toSorted()).toEqual(allAlarms.map(({ name }) => name).toSorted());
});

test("docs/deploy-aws.md lists every setting, and sets none that there is not", () => {
  const source = read("infra/src/config.ts");
  const known = [...source.matchAll(/reader\.(?:matching|integer|boolean|oneOf|list)\(\s*"(\w+)"/g)].map(
    ([, key]) => key,
  );
  known.push("domain", "hostedZoneId");
  const settings = deploy.slice(deploy.indexOf("| `millimetric:`"), deploy.indexOf("## 3. Up"));
  const listed = [...settings.matchAll(/`(\w+)`(?=[^|\n]*\|)/g)].map(([, key]) => key);
  expect(new Set(listed.filter((key) => known.includes(key)))).toEqual(new Set(known));
  for (const [, key] of deploy.matchAll(/config set millimetric:(\w+)/g)) expect(known).toContain(key);
});

test("docs/architecture/infrastructure.md maps what is there", () => {
  const map =
    /## Read it in this order\n\n([\s\S]*?)\n\n##/.exec(read("docs/architecture/infrastructure.md"))?.[1] ?? "";
  const paths = [...map.matchAll(/^ {4}(\S+?),?(?: (\S+\/))? {2,}/gm)].flatMap(([, ...both]) =>
    both.filter((one) => one),
  );
  expect(paths.length).toBeGreaterThan(8);
  for (const path of paths) expect(existsSync(new URL(`infra/${path}`, root)), path).toBe(true);
});

describe.each([
  ["docs/deploy-aws.md", deploy],
  ["docs/runbook.md", runbook],
])("%s", (_, text) => {
  test("names only commands that there are", () => {
    const { scripts } = JSON.parse(read("infra/package.json"));
    const used = [...text.matchAll(/\bpnpm (run )?([a-z-]+)/g)].map(([, run = "", name = ""]) => ({ run, name }));
    const own = used.filter(({ run, name }) => run !== "" || !["install", "exec"].includes(name));
    expect(own.length).toBeGreaterThan(5);
    for (const { name } of own) expect(Object.keys(scripts)).toContain(name);
    // pnpm's own `up` updates dependencies.
    expect(used.filter(({ run, name }) => run === "" && name === "up")).toEqual([]);
  });

  test("links only to what is there", () => {
    for (const [, target = ""] of text.matchAll(/\]\(([^)#][^)]*)\)/g)) {
      const [file = "", anchor] = target.split("#");
      expect(existsSync(new URL(file, new URL("docs/", root))), target).toBe(true);
      if (anchor !== undefined) expect(anchors(read(`docs/${file}`)), target).toContain(anchor);
    }
    for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors(text)).toContain(anchor);
  });
});

const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
