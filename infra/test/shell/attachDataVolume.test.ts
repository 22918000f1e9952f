import { openSync, writeSync } from "node:fs";
import { platform } from "node:process";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeMachine, me, volume } from "../support/fakeMachine.ts";

const attached = [`in-use ${me}`];
const attaching = `aws ec2 attach-volume --volume-id ${volume} --instance-id ${me} --device /dev/sdf`;

// blkid and mkfs.ext4 are Linux's own.
describe.skipIf(platform !== "linux")("attach-data-volume", () => {
  let machine: FakeMachine;
  beforeEach(() => {
    machine = new FakeMachine();
  });
  afterEach(() => machine.remove());

  const formats = (calls: readonly string[]) => calls.filter((call) => call.startsWith("mkfs"));
  const write = (bytes: Uint8Array, at: number) => writeSync(openSync(machine.disk, "r+"), bytes, 0, bytes.length, at);

  test("first boot: attaches the volume, makes a file system on it and mounts it by its UUID", () => {
    const { code, calls, log } = machine.run({ holders: ["available None"] });
    expect(code, log).toBe(0);
    expect(calls.map((call) => call.replaceAll(/\S*…/g, "…"))).toEqual([
      attaching,
      "mkfs.ext4 -q -m 0 …/disk",
      "systemctl daemon-reload",
      "mount …/data",
      "resize2fs …/disk",
      "chown 101:101 …/data/clickhouse …/data/keeper",
    ]);
    expect(machine.fstab()).toEqual([expect.stringMatching(/^UUID=[0-9a-f-]{36} \S+\/data ext4 noatime,nofail 0 2$/)]);
    expect(["clickhouse", "keeper"].map((name) => machine.hasFolder(name))).toEqual([true, true]);
  });

  test("re-attach: the next machine mounts what is there and changes no byte of it", () => {
    machine.run({ holders: ["available None"] });
    const before = machine.contents();
    machine.replace();
    const { code, calls } = machine.run({ holders: ["available None"] });
    expect(code).toBe(0);
    expect(calls[0]).toBe(attaching);
    expect(calls.some((call) => call.startsWith("mount "))).toBe(true);
    expect(formats(calls)).toEqual([]);
    expect(machine.contents()).toBe(before);
  });

  test("already attached: neither attaches nor mounts again, and leaves one line in fstab", () => {
    machine.run({ holders: ["available None"] });
    const { code, calls } = machine.run({ holders: attached });
    expect(code).toBe(0);
    expect(calls.map((call) => call.split(" ")[0])).toEqual(["resize2fs", "chown"]);
    expect(machine.fstab()).toHaveLength(1);
  });

  test("waits until the earlier machine lets go", () => {
    const { code, calls, log } = machine.run({ holders: ["in-use i-0old", "in-use i-0old", "available None"] });
    expect(code).toBe(0);
    expect(log.match(/held by i-0old; waiting/g)).toHaveLength(2);
    expect(calls[0]).toBe(attaching);
  });

  test("gives up without touching anything when the earlier machine never lets go", () => {
    const { code, calls, log } = machine.run({ holders: ["in-use i-0old"] });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(log).toContain(`${volume} could not be attached`);
  });

  test.each([
    ["swap space", "mkswap", []],
    ["an older ext", "mkfs.ext2", ["-q"]],
  ])("wrong file system: leaves %s alone", (_, command, options) => {
    machine.prepare(command, ...options);
    const before = machine.contents();
    const { code, calls, log } = machine.run({ holders: attached });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(log).toContain("something that is not ours");
    expect(machine.contents()).toBe(before);
  });

  test("leaves a disk with a partition table alone", () => {
    const table = new Uint8Array(512);
    table.set([0x80, 0, 2, 0, 0x83, 0, 1, 0, 0, 8, 0, 0, 0, 8, 0, 0], 446);
    table.set([0x55, 0xaa], 510);
    write(table, 0);
    const { code, calls } = machine.run({ holders: attached });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
  });

  test.each([1, 4, 8, 127])("does not format when blkid ends with %i: it could not tell", (blkidCode) => {
    const before = machine.contents();
    const { code, calls } = machine.run({ holders: attached, blkidCode });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(machine.contents()).toBe(before);
  });

  test("never formats a disk that holds data, whatever blkid makes of it", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }).filter((bytes) => bytes.some((byte) => byte !== 0)),
        fc.integer({ min: 0, max: 2 ** 20 - 64 }),
        fc.constantFrom(undefined, 2),
        (bytes, at, blkidCode) => {
          machine.prepare("truncate", "--size=0");
          machine.prepare("truncate", `--size=${32 * 2 ** 20}`);
          write(bytes, at);
          const before = machine.contents();
          const holders = ["available None"];
          const { code, calls } = machine.run(blkidCode === undefined ? { holders } : { holders, blkidCode });
          expect({ code, formats: formats(calls) }).toEqual({ code: 1, formats: [] });
          expect(machine.contents()).toBe(before);
        },
      ),
      { numRuns: 20, seed: 9 },
    );
  });
});
