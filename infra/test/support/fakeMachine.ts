import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { env } from "node:process";

/** `blkid` and `mkfs` are not on everybody's PATH. */
const { PATH: path = "" } = env;
const real = `${path}:/usr/sbin:/sbin`;
const script = new URL("../../userdata/attach-data-volume.sh", import.meta.url).pathname;

export const me = "i-0me";
export const volume = "vol-0123456789abcdef0";

export interface MachineOptions {
  /** What `describe-volumes` answers, one line a call; the last one again and again. `attach-volume` appends to it. */
  readonly holders: readonly string[];
  /** Replaces the real `blkid` by one that ends with this code and says nothing. */
  readonly blkidCode?: number;
}

export interface Outcome {
  readonly code: number | null;
  readonly log: string;
  /** Commands that would have changed the machine or the account, in order. */
  readonly calls: readonly string[];
}

/**
 * A machine whose account, mounts and services are fakes, but whose disk is a file that the real `blkid` and `mkfs.ext4`
 * read and write.
 */
export class FakeMachine {
  readonly #root = mkdtempSync(join(tmpdir(), "machine-"));
  readonly disk = join(this.#root, "disk");
  readonly #bin = join(this.#root, "bin");

  constructor() {
    mkdirSync(this.#bin);
    writeFileSync(this.disk, "");
    truncateSync(this.disk, 32 * 2 ** 20);
    writeFileSync(this.#at("fstab"), "# the root disk\n");
    this.#fake("curl", `[[ $* == */token ]] && echo a-token || echo ${me}`);
    this.#fake(
      "aws",
      `if [[ $2 == attach-volume ]]; then echo "aws $*" >>"$HERE/calls"; echo "in-use ${me}" >"$HERE/holders"; exit; fi
       line=$(head -1 "$HERE/holders")
       if (($(wc -l <"$HERE/holders") > 1)); then sed -i 1d "$HERE/holders"; fi
       echo "$line"`,
    );
    this.#fake("lsblk", `echo nvme0n1 vol0root; echo "${relative("/dev", this.disk)}" ${volume.replace("-", "")}`);
    this.#fake("mkfs.ext4", `echo "mkfs.ext4 $*" >>"$HERE/calls"; PATH=$REAL_PATH exec mkfs.ext4 "$@"`);
    this.#fake("mountpoint", `[[ -e $HERE/mounted ]]`);
    this.#fake("mount", `echo "mount $*" >>"$HERE/calls"; touch "$HERE/mounted"`);
    for (const name of ["systemctl", "resize2fs", "chown"]) this.#fake(name, `echo "${name} $*" >>"$HERE/calls"`);
  }

  run({ holders, blkidCode }: MachineOptions): Outcome {
    writeFileSync(this.#at("holders"), `${holders.join("\n")}\n`);
    writeFileSync(this.#at("calls"), "");
    rmSync(this.#at("bin/blkid"), { force: true });
    if (blkidCode !== undefined) this.#fake("blkid", `exit ${blkidCode}`);
    const { status, stderr } = spawnSync("bash", [script, volume, this.#at("data")], {
      encoding: "utf8",
      env: {
        PATH: `${this.#bin}:${real}`,
        REAL_PATH: real,
        HERE: this.#root,
        FSTAB: this.#at("fstab"),
        ATTEMPTS: "4",
        PAUSE: "0",
      },
    });
    const calls = readFileSync(this.#at("calls"), "utf8").split("\n").slice(0, -1);
    return { code: status, log: stderr, calls: calls.map((call) => call.replaceAll(this.#root, "…")) };
  }

  /** Lines of `fstab` but the first. */
  fstab(): string[] {
    return readFileSync(this.#at("fstab"), "utf8").trim().split("\n").slice(1);
  }

  hasFolder(name: string): boolean {
    return existsSync(this.#at(`data/${name}`));
  }

  /** A digest of every byte on the disk. */
  contents(): string {
    return createHash("sha256").update(readFileSync(this.disk)).digest("hex");
  }

  /** Runs a real command on the disk, such as one that formats it. */
  prepare(command: string, ...options: string[]): void {
    execFileSync(command, [...options, this.disk], { stdio: "ignore", env: { PATH: real } });
  }

  /** A new machine of the same node: nothing is mounted, the disk is the same. */
  replace(): void {
    for (const path of ["mounted", "data"]) rmSync(this.#at(path), { recursive: true, force: true });
    writeFileSync(this.#at("fstab"), "# the root disk\n");
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }

  #at(path: string): string {
    return join(this.#root, path);
  }

  #fake(name: string, body: string): void {
    const path = join(this.#bin, name);
    writeFileSync(path, `#!/bin/bash\n${body}\n`);
    chmodSync(path, 0o755);
  }
}
