import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { JobStage } from "../support/jobs.ts";

const columns = "(project_id, env, id, timestamp, received, event_name, anonymous_id)";
const events = (from: number, count: number, received: string) =>
  `INSERT INTO millimetric.events_v1_local ${columns} SELECT 'p', 'live', 'e' || toString(number + ${from}), toDateTime('2026-03-01'),
   toDateTime('${received}', 'UTC'), 'page_view', 'a' || toString(number % 7) FROM numbers(${count})`;

// The image's own scripts and the real engine; only S3 and the way to another host are made up.
describe("backups of two shards", () => {
  const hosts = ["s0r0.test", "s1r0.test"];
  let stage: JobStage;
  beforeEach(async () => {
    stage = new JobStage();
    await stage.open();
    for (const [shard, host] of hosts.entries())
      await stage.onShard(
        host,
        [events(0, 20_000 + shard, "2026-03-01 10:00:00"), events(5000, 1, "2026-03-02 00:00:00")],
        {
          migrated: true,
        },
      );
  });
  afterEach(() => stage.close());

  const manifests = () => [...stage.store.objects.keys()].filter((key) => key.endsWith("/.backup"));
  const bytes = (kind: string) =>
    [...stage.store.objects]
      .filter(([key]) => key.includes(`/${kind}-`))
      .reduce((sum, [, body]) => sum + body.length, 0);

  test("the first of a week is whole, the next holds what is new, and the drill restores the newest of each shard", async () => {
    const first = await stage.run("mm-backup", hosts);
    expect(first, first.log).toMatchObject({ code: 0 });
    expect(first.lines.at(-1)).toEqual({ backup_finished: 1 });
    expect(manifests()).toEqual(hosts.map((_, shard) => expect.stringMatching(`^shard-${shard}/2\\d+-W\\d\\d/full-`)));

    for (const host of hosts) await stage.onShard(host, [events(9000, 1, "2026-03-03 00:00:00")]);
    const second = await stage.run("mm-backup", hosts);
    expect(second, second.log).toMatchObject({ code: 0 });
    expect(manifests().filter((key) => key.includes("/more-"))).toHaveLength(2);
    expect(bytes("more")).toBeLessThan(bytes("full") / 2);

    const drill = await stage.run("mm-restore-drill", hosts);
    expect(drill, drill.log).toMatchObject({ code: 0 });
    expect(drill.lines).toEqual([
      { drill: expect.stringMatching(/^shard-0\/.*\/more-/), restored: 20_001, live: 20_001 },
      { drill: expect.stringMatching(/^shard-1\/.*\/more-/), restored: 20_002, live: 20_002 },
      { restore_drill_finished: 1 },
    ]);
  });

  test("the drill fails when events are live that had arrived and are not in the backup", async () => {
    await stage.run("mm-backup", hosts);
    await stage.onShard("s1r0.test", [events(7000, 5, "2026-03-01 11:00:00")]);
    const { code, lines } = await stage.run("mm-restore-drill", hosts);
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ restore_drill_failed: 1, reason: expect.stringContaining("20006 are live") });
  });

  test("the drill lets events be deleted since the backup", async () => {
    await stage.run("mm-backup", hosts);
    await stage.onShard("s0r0.test", ["DELETE FROM millimetric.events_v1_local WHERE anonymous_id = 'a1'"]);
    expect(await stage.run("mm-restore-drill", hosts)).toMatchObject({ code: 0 });
  });

  test("the drill fails without a backup", async () => {
    const { code, lines } = await stage.run("mm-restore-drill", hosts);
    expect({ code, last: lines.at(-1) }).toEqual({
      code: 1,
      last: { restore_drill_failed: 1, reason: "shard 0 has no backup" },
    });
  });

  test("the drill says that it failed when a backup is damaged", async () => {
    await stage.run("mm-backup", hosts);
    for (const [key, body] of stage.store.objects)
      if (key.includes("/data/")) stage.store.objects.set(key, body.subarray(1));
    const { code, lines } = await stage.run("mm-restore-drill", hosts);
    expect(code).toBe(1);
    expect(lines.at(-1)).toEqual({
      restore_drill_failed: 1,
      reason: expect.stringMatching(/^shard 0: .* could not be restored/),
    });
  });

  test("a backup that could not be made does not say that it was", async () => {
    const { code, lines } = await stage.run("mm-backup", ["nobody.test"]);
    expect(code).not.toBe(0);
    expect(lines).toEqual([]);
  });
});
