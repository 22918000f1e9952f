import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
});
afterAll(() => platform.close());

/** Accidents for each way in. */
const tries = 12;
const words = ["null", "undefined", "NaN", "none", "[object Object]", "true", "false", "guest", "anonymous"];
/** An accident in any case and with white space around it: SPEC 5.4 and its like. */
const accident = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...words),
      fc.constant(""),
      fc.integer({ min: 1, max: 40 }).map((length) => "0".repeat(length)),
      fc.constant("00000000-0000-0000-0000-000000000000"),
    ),
    fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    fc.constantFrom("", " ", "\t", "\n", "  "),
  )
  .map(([word, upper, space]) => {
    const cased = [...word].map((letter, at) =>
      upper[at % upper.length] ? letter.toUpperCase() : letter.toLowerCase(),
    );
    return `${space}${cased.join("")}${space}`;
  });

const post = (path: string, body: unknown) => platform.ask("POST", path, { key: project.keys.sk, body });
const segment = (call: string, body: unknown) =>
  platform.ask("POST", `/segment/v1/${call}`, {
    headers: { authorization: `Basic ${Buffer.from(`${project.keys.sk}:`).toString("base64")}` },
    body,
  });

interface Ids {
  anonymous_id: string;
  user_id: string;
}

/** Every way in, and what it says of one event: its code, or undefined when it was taken. */
const ways: Record<string, (ids: Ids) => Promise<string | undefined>> = {
  track: async (ids) => (await post("/v1/track", { event: "e", ...ids })).body.error,
  batch: async (ids) => {
    const { body } = await post("/v1/batch", {
      events: [
        { event: "good", anonymous_id: "v" },
        { event: "e", ...ids },
      ],
    });
    return body.rejected[0]?.error;
  },
  identify: async (ids) => (await post("/v1/identify", ids)).body.error,
  "identify in a batch": async (ids) => {
    const { body } = await post("/v1/batch", { events: [{ event: "$identify", ...ids }] });
    return body.details?.rejected[0]?.error;
  },
  "Segment track": async ({ anonymous_id, user_id }) =>
    (await segment("track", { event: "e", anonymousId: anonymous_id, userId: user_id })).body.error,
  "Segment identify": async ({ anonymous_id, user_id }) =>
    (await segment("identify", { anonymousId: anonymous_id, userId: user_id })).body.error,
  "Segment alias": async ({ anonymous_id, user_id }) =>
    (await segment("alias", { previousId: anonymous_id, userId: user_id })).body.error,
  "Segment batch": async ({ anonymous_id, user_id }) => {
    const batch = [{ type: "track", event: "e", anonymousId: anonymous_id, userId: user_id }];
    return (await segment("batch", { batch })).body.details?.rejected[0]?.error;
  },
};

const stored = async () => {
  const sql = "SELECT DISTINCT anonymous_id, user_id FROM events WHERE project_id = {project_id:String}";
  return platform.clickhouse.query<{ anonymous_id: string; user_id: string | null }>(sql, {
    project_id: project.project_id,
  });
};

test.each(Object.keys(ways))("%s refuses ids that are accidents, whichever of the two it is", async (name) => {
  const way = ways[name];
  if (way === undefined) throw new Error(name);
  // The empty text is how Segment's clients say that there is no id.
  const refusable = name.startsWith("Segment") ? accident.filter((id) => id !== "") : accident;
  await fc.assert(
    fc.asyncProperty(refusable, fc.boolean(), async (id, ofUser) => {
      expect(await way(ofUser ? { anonymous_id: "v", user_id: id } : { anonymous_id: id, user_id: "u" })).toBe(
        "invalid_id",
      );
    }),
    { seed: 54, numRuns: tries },
  );
  expect(await way({ anonymous_id: "same", user_id: "same" })).toBe("invalid_id");
  expect(await way({ anonymous_id: "v", user_id: "u" })).toBeUndefined();
});

test("nothing of them was stored, and a replay takes none of them in", async () => {
  const good = [
    { anonymous_id: "v", user_id: "u" },
    { anonymous_id: "v", user_id: null },
  ];
  const sorted = async () => (await stored()).toSorted((a) => (a.user_id === null ? 1 : -1));
  expect(await sorted()).toEqual(good);
  const { body } = await post("/v1/dead-letters/replay", {});
  expect(body.replayed).toEqual([]);
  expect(body.refused).toHaveLength(Object.keys(ways).length * (tries + 1));
  expect(new Set(body.refused.map(({ error }: { error: string }) => error))).toEqual(new Set(["invalid_id"]));
  expect(await sorted()).toEqual(good);
});
