import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { mountSmallDisk } from "../../test/small-disk.ts";
import { openSpool, type Spool } from "./spool.ts";

/** What a read that was begun is held up by. */
let heldUp: Promise<void> | undefined;
vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  return {
    ...real,
    async readFile(path: string) {
      const content = readFileSync(path);
      await heldUp;
      return content;
    },
  };
});

let folder: string;
let spools: Spool[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-spool-"));
  spools = [];
});
afterEach(async () => {
  for (const spool of spools) await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(maxBytes = 1_000_000): Spool {
  const spool = openSpool(folder, maxBytes);
  spools.push(spool);
  return spool;
}
const row = (n: number) => JSON.stringify({ n });
const record = (n: number, token: string | null = null) => ({ at: n, token, lines: [row(n)] });
const files = () => readdirSync(folder).filter((name) => name.endsWith(".spool"));

/** Takes everything out, batch by batch. */
async function drained(spool: Spool): Promise<string[][]> {
  const batches: string[][] = [];
  for (let batch = await spool.peek(); batch !== undefined; batch = await spool.peek()) {
    batches.push([...batch.lines]);
    await spool.drop();
  }
  return batches;
}

test("comes out in the order it went in, and leaves no file behind", async () => {
  const spool = open();
  await Promise.all([1, 2, 3].map((n) => spool.append(record(n))));
  expect(spool.stats()).toMatchObject({ rows: 3, oldestAt: 1 });
  expect((await drained(spool)).flat()).toEqual([1, 2, 3].map(row));
  expect(spool.stats()).toMatchObject({ rows: 0, bytes: 0, oldestAt: undefined });
  expect(files()).toEqual([]);
  await spool.append(record(4));
  expect(await drained(spool)).toEqual([[row(4)]]);
});

test("a record that was tried under a token goes alone, under that token", async () => {
  const spool = open();
  for (const one of [record(1), record(2, "tried"), record(3)]) await spool.append(one);
  expect((await spool.peek())?.lines).toEqual([row(1)]);
  await spool.drop();
  expect(await spool.peek()).toMatchObject({ lines: [row(2)], token: "tried" });
});

test("after a crash in the middle of an insert, the next process tries the same rows under the same token", async () => {
  const first = open();
  await first.append(record(1));
  await first.append(record(2));
  const tried = await first.peek();
  first.trying([false, true]);
  await first.append(record(3));

  const next = open();
  expect(next.stats().rows).toBe(3);
  expect(await next.peek()).toEqual({ ...tried, duplicates: [false, true] });
  await next.drop();
  const last = open();
  expect(await drained(last)).toEqual([[row(3)]]);
});

test("a batch that was tried and lost a record since goes under another token, or its other rows would pass for stored", async () => {
  const first = open();
  for (const n of [1, 2]) await first.append(record(n));
  const tried = await first.peek();
  first.trying([false, true]);
  const [name = ""] = files();
  const content = readFileSync(join(folder, name));
  content[content.length / 2 - 2] = 0xff;
  writeFileSync(join(folder, name), content);

  const batch = await open().peek();
  expect(batch).toMatchObject({ lines: [row(2)], duplicates: [false] });
  expect(batch?.token).not.toBe(tried?.token);
});

test("what is appended while the file is read is not taken for drained with it", async () => {
  const spool = open(20_000_000);
  await spool.append(record(1));
  await spool.peek();
  const { promise, resolve } = Promise.withResolvers<void>();
  heldUp = promise;
  // As large as a file becomes, so that the next record begins another one.
  const large = { ...record(2), lines: ["x".repeat(9_000_000)] };
  const appended = spool.append(large);
  await spool.drop();
  const next = spool.peek();
  await appended;
  await spool.append(record(3));
  resolve();
  heldUp = undefined;
  expect((await next)?.lines).toEqual(large.lines);
  await spool.drop();
  expect(await drained(spool)).toEqual([[row(3)]]);
});

test("a torn tail is cut, damage is set aside, whole records are kept", async () => {
  const spool = open();
  await spool.append(record(1));
  await spool.append(record(2));
  const [name = ""] = files();
  const file = join(folder, name);
  const half = readFileSync(file).length / 2;
  appendFileSync(file, readFileSync(file).subarray(0, half - 3));
  const torn = open();
  expect(torn.stats()).toMatchObject({ rows: 2, damagedBytes: 0 });
  expect(readFileSync(file)).toHaveLength(half * 2);

  const content = readFileSync(file);
  content[half - 2] = 0xff;
  writeFileSync(file, content);
  const damaged = open();
  expect(damaged.stats()).toMatchObject({ rows: 1, damagedBytes: half });
  expect(existsSync(`${file}.damaged`)).toBe(true);
  expect(await drained(damaged)).toEqual([[row(2)]]);
});

test("damage is set aside when it is in the last record, too", async () => {
  const spool = open();
  await spool.append(record(1));
  await spool.append(record(2));
  const [name = ""] = files();
  const file = join(folder, name);
  const content = readFileSync(file);
  content[content.length - 2] = 0xff;
  writeFileSync(file, content);
  const damaged = open();
  expect(damaged.stats()).toMatchObject({ rows: 1, damagedBytes: content.length / 2 });
  expect(readFileSync(`${file}.damaged`)).toEqual(content);
  expect(await drained(damaged)).toEqual([[row(1)]]);
});

test("is full when it is full, takes records again when it was drained, and says so", async () => {
  const spool = open(200);
  await spool.append(record(1));
  await spool.append(record(2));
  const results = await Promise.allSettled([3, 4, 5, 6].map((n) => spool.append(record(n))));
  expect(results).toContainEqual({ status: "rejected", reason: expect.objectContaining({ code: "full" }) });
  await drained(spool);
  await expect(spool.append(record(7))).resolves.toBeUndefined();
});

test("once it had no room for a record it says so until something is drained, although smaller ones still fit", async () => {
  const spool = open(200);
  await spool.append(record(1));
  const large = { ...record(2), lines: [1, 2, 3, 4, 5, 6].map((n) => row(n).padEnd(25)) };
  await expect(spool.append(large)).rejects.toMatchObject({ code: "full" });
  await spool.append(record(3));
  expect(spool.problem()).toEqual(expect.stringContaining("full"));
  expect((await drained(spool)).flat()).toEqual([1, 3].map(row));
  expect(spool.problem()).toBeUndefined();
  const tooLarge = { ...large, lines: [...large.lines, row(7).padEnd(100)] };
  await expect(spool.append(tooLarge)).rejects.toMatchObject({ code: "full" });
  expect(spool.problem(), "it has room for every other record").toBeUndefined();
});

const disk = mountSmallDisk();
afterAll(() => disk?.unmount());

test.runIf(disk !== undefined)(
  "a disk that it has filled itself is drained, whatever comes while a batch is tried",
  async () => {
    const spool = openSpool(disk?.folder ?? "", 100_000_000);
    spools.push(spool);
    const large = (n: number) => ({ at: n, token: null, lines: [row(n).padEnd(20_000)] });
    const kept: string[] = [];
    const appendUntilRefused = async () => {
      for (let n = kept.length; ; n++) {
        const one = large(n);
        try {
          await spool.append(one);
        } catch (error) {
          expect(error).toMatchObject({ code: "unwritable" });
          return;
        }
        kept.push(...one.lines);
      }
    };
    await appendUntilRefused();
    const read: string[] = [];
    for (let batch = await spool.peek(); batch !== undefined; batch = await spool.peek()) {
      spool.trying(batch.lines.map(() => false));
      await appendUntilRefused();
      read.push(...batch.lines);
      await spool.drop();
      if (read.length > 200) break;
    }
    expect(kept.length).toBeGreaterThan(100);
    expect(read).toEqual(kept.slice(0, read.length));
  },
);

test("a disk that takes nothing is a clear error, and is used again when it recovers", async () => {
  const spool = open();
  await spool.append(record(1));
  await drained(spool);
  rmSync(folder, { recursive: true });
  await expect(spool.append(record(2))).rejects.toMatchObject({ code: "unwritable" });
  openSpool(folder, 1);
  await spool.append(record(3));
  expect(await drained(spool)).toEqual([[row(3)]]);
});
