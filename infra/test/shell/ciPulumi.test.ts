import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { env, execPath } from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pulumiVersion } from "../engine/pulumi.ts";

const script = new URL("../../../.ci/pulumi", import.meta.url).pathname;
const { PATH: path = "" } = env;

// A Go that "builds" a program which says its version, notes what it was asked for, and can be told to fail on a package.
const go = `#!/bin/bash
[[ $1 == version ]] && exec echo go version go1.26.0 linux/amd64
output= package=\${!#}
while (($#)); do [[ $1 == -o ]] && output=$2; shift; done
echo "$package" >>"$HOME/built"
cp go.mod "$HOME/go.mod"
[[ -n \${FAILS:-} && $package == *$FAILS* ]] && { echo "$package: 403 Forbidden"; exit 1; }
printf '#!/bin/sh\\necho v%s\\n' ${pulumiVersion} >"$output"
chmod +x "$output"
`;
const cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const host = "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ci-pulumi-"));
  mkdirSync(join(home, "bin"));
  writeFileSync(join(home, "bin/go"), go);
  chmodSync(join(home, "bin/go"), 0o755);
});
afterEach(() => rmSync(home, { recursive: true }));

const cache = () => join(home, ".cache/millimetric");
const binary = (name: string) => join(cache(), "pulumi", pulumiVersion, "bin", name);

function build(variables: Record<string, string> = {}): { status: number | null; said: string; built: string[] } {
  rmSync(join(home, "built"), { force: true });
  const { status, stdout } = spawnSync(script, {
    encoding: "utf8",
    env: { HOME: home, PATH: `${join(home, "bin")}:${dirname(execPath)}:${path}`, ...variables },
  });
  const log = join(home, "built");
  return { status, said: stdout, built: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [] };
}

test("builds the CLI and its language host at the version of the npm package, once, and leaves nothing else", () => {
  expect(build()).toMatchObject({ status: 0, built: [cli, host] });
  expect(readFileSync(join(home, "go.mod"), "utf8")).toContain(`pkg/v3 v${pulumiVersion}\n`);
  expect(readdirSync(cache())).toEqual(["pulumi"]);
  expect(build()).toEqual({ status: 0, said: "", built: [] });
});

test.each([
  ["cut off", "#!/bin/sh\nexit 139\n"],
  ["of another version", "#!/bin/sh\necho v3.1.0\n"],
  ["empty", ""],
])("a program in the cache that is %s is built again", (_, text) => {
  build();
  writeFileSync(binary("pulumi"), text);
  expect(build().built).toEqual([cli]);
  expect(build().built).toEqual([]);
});

test("a module that the proxy does not give is told, and costs neither the CLI nor the run", () => {
  const { status, said, built } = build({ FAILS: "language-nodejs" });
  expect({ status, built }).toEqual({ status: 0, built: [cli, host] });
  expect(said).toContain("403 Forbidden");
  expect(said).toContain("a stand-in runs the program in its tests");
  expect([existsSync(binary("pulumi")), existsSync(binary("pulumi-language-nodejs"))]).toEqual([true, false]);
  expect(build().built).toEqual([host]);
});

test("a build of the CLI that fails leaves no half of it, and the next run tries again", () => {
  const { status, said } = build({ FAILS: "cmd/pulumi" });
  expect(status).toBe(0);
  expect(said).toContain("the tests of the real engine are skipped");
  expect(existsSync(binary("pulumi"))).toBe(false);
  expect(build().built).toEqual([cli, host]);
});
