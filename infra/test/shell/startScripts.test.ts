import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const scripts = new URL("../../docker/clickhouse/bin/", import.meta.url).pathname;
const { PATH: path = "" } = env;

// What the image starts with; `clickhouse` only prints what it was started with.
describe("the image's start commands", () => {
  let root: string;
  const at = (name: string) => join(root, name);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "start-"));
    for (const folder of ["bin", "base", "etc"]) mkdirSync(at(folder));
    for (const file of ["config.xml", "users.xml"]) writeFileSync(at(`base/${file}`), "<clickhouse/>");
    writeFileSync(at("bin/clickhouse"), '#!/bin/bash\necho "$@"\nenv | sort | grep PASSWORD\ntrue\n');
    chmodSync(at("bin/clickhouse"), 0o755);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const start = (script: string, variables: Record<string, string> = {}) => {
    const options = { PATH: `${at("bin")}:${path}`, BASE: at("base"), ETC: at("etc"), ...variables };
    const { status, stdout, stderr } = spawnSync("bash", [join(scripts, script)], { encoding: "utf8", env: options });
    return { status, stderr, lines: stdout.trim().split("\n") };
  };
  const placed = (name: string) => readFileSync(at(`etc/clickhouse-server/${name}/millimetric.xml`), "utf8");

  test("mm-server takes its configuration from variables and merges it over the official image's", () => {
    const { status, lines } = start("mm-server", { SERVER_XML: "<a/>", USERS_XML: "<b/>" });
    expect(status).toBe(0);
    expect(lines[0]).toBe(`server --config-file=${at("etc/clickhouse-server/config.xml")}`);
    expect([placed("config.d"), placed("users.d")]).toEqual(["<a/>", "<b/>"]);
    expect(existsSync(at("etc/clickhouse-server/users.xml"))).toBe(true);
  });

  test("mm-server takes mounted files, and starts again over what it has placed", () => {
    writeFileSync(at("etc/server.xml"), "<c/>");
    writeFileSync(at("etc/users.xml"), "<d/>");
    expect(start("mm-server").status).toBe(0);
    writeFileSync(at("etc/server.xml"), "<e/>");
    expect(start("mm-server").status).toBe(0);
    expect([placed("config.d"), placed("users.d")]).toEqual(["<e/>", "<d/>"]);
  });

  test("mm-server hands passwords on as hashes only", () => {
    const { lines } = start("mm-server", { SERVER_XML: "<a/>", USERS_XML: "<b/>", API_PASSWORD: "it's 1 $ecret" });
    const hash = createHash("sha256").update("it's 1 $ecret").digest("hex");
    expect(lines.slice(1)).toEqual([`API_PASSWORD_SHA256=${hash}`]);
  });

  test.each(["mm-server", "mm-keeper"])("%s does not start without a configuration", (script) => {
    const { status, stderr, lines } = start(script);
    expect(status).toBe(1);
    expect(stderr).toContain(`${script}: neither`);
    expect(lines).toEqual([""]);
  });

  test("mm-keeper takes a variable or a mounted file", () => {
    expect(start("mm-keeper", { KEEPER_XML: "<k/>" }).lines[0]).toBe(`keeper --config-file=${at("etc/keeper.xml")}`);
    expect(readFileSync(at("etc/keeper.xml"), "utf8")).toBe("<k/>");
    expect(start("mm-keeper").status).toBe(0);
  });
});
