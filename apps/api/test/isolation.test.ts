import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Call, callsOf, type Fill, type Request, requestOf, textsOf, type Walkable } from "./openapi-walk.ts";
import { type Answer, adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

const shop = "https://shop.example";
/** In whatever of theirs is no id: no answer to somebody else may hold it. */
const mark = "zzsecretzz";

let platform: TestPlatform;
let mine: TestProject;
let theirs: TestProject;
let calls: Call[];
/** Every id of theirs, by the name that the API has for it. */
let ids: Record<string, string>;

beforeAll(async () => {
  platform = await startPlatform();
  calls = callsOf((await platform.ask("GET", "/openapi.json")).body as Walkable);
  mine = await platform.project("mine", [shop]);
  theirs = await platform.project("theirs", [`https://${mark}.example`]);
  ids = await filled(theirs);
  await filled(mine, "own");
});
afterAll(() => platform.close());

/** A project with something in every corner. */
async function filled({ project_id, keys }: TestProject, marked = mark): Promise<Record<string, string>> {
  const ask = async (method: string, path: string, key: string, body?: unknown) =>
    (await platform.ask(method, path, { key, ...(body === undefined ? {} : { body }) })).body;
  const url = `https://shop.example/${marked}?utm_source=${marked}&utm_medium=cpc&utm_campaign=${marked}`;
  const visit = { anonymous_id: "their-visitor", session_id: "their-session", url, title: marked };
  const events = [
    { event: "their-event", event_id: "their-id", ...visit, properties: { marked, amount_cents: 4242 } },
    { event: "their-event", event_id: "their-id-2", ...visit, user_id: "their-user", referrer: url },
    { event: "$identify", anonymous_id: "their-visitor", user_id: "their-user", properties: { email: marked } },
    { event: "$identify", anonymous_id: "their-visitor", user_id: "their-user-2", properties: { email: marked } },
    { event: "their-event", user_id: "their-user", properties: { marked } },
    { event: "refused", anonymous_id: "undefined", properties: { marked } },
  ];
  await ask("POST", "/v1/batch", keys.sk, { events });
  const link = { anonymous_id: "their-visitor", user_id: "their-user-2", reason: marked };
  await ask("POST", "/v1/identities/unlink", keys.sk, link);
  const admin = `/admin/v1/projects/${project_id}`;
  const { secret_id } = await ask("POST", `${admin}/identity-secrets`, adminToken, {});
  await ask("POST", `${admin}/keys`, adminToken, { kind: "rk", label: marked });
  const letters = await ask("GET", "/v1/dead-letters", keys.rk);
  const forget = await ask("POST", "/v1/forget", keys.sk, { user_id: "their-user-3" });
  // Nothing of theirs is under way when it is compared.
  const forgotten = async () => (await ask("GET", `/v1/forget/${forget.request_id}`, keys.sk)).state;
  await vi.waitFor(async () => expect(await forgotten()).toBe("done"), { timeout: 60_000, interval: 100 });
  return {
    project_id,
    id: project_id,
    user_id: "their-user",
    previous_id: "their-visitor",
    anonymous_id: "their-visitor",
    session_id: "their-session",
    event_id: "their-id",
    event: "their-event",
    events: "their-event",
    steps: "their-event,$identify",
    ids: letters.rows[0].dead_letter_id,
    request_id: forget.request_id,
    secret_id,
    prefix: keys.sk.split("_")[2] ?? "",
    write_key: keys.pk,
    source: marked,
    medium: "paid",
    campaign: marked,
    channel: "Paid Other",
    country: "DE",
  };
}

/** Texts that are no ids, where not every text will do. */
const usual: Record<string, string> = {
  from: "2020-01-01",
  to: "2100-01-01",
  timestamp: "2026-03-03T14:00:00Z",
  originalTimestamp: "2026-03-03T14:00:00Z",
  sent_at: "2026-03-03T14:00:00Z",
  sentAt: "2026-03-03T14:00:00Z",
  timezone: "UTC",
  url: "https://shop.example/",
  referrer: "https://shop.example/",
  allowed_origins: shop,
  reason: "because",
  name: "name",
  label: "label",
  value: "amount_cents",
};

/** Segment's names are ours with humps. */
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const theirId = (name: string) => ids[snake(name)] ?? ids["user_id"];
const theirIds: Fill = (name) => usual[name] ?? (name.startsWith("enum ") ? undefined : theirId(name));
const nobodysIds: Fill = (name) => usual[name] ?? (name.startsWith("enum ") ? undefined : `nobody's ${snake(name)}`);

interface Asked extends Answer {
  text: string;
}

async function ask({ method, path, body }: Request, key: string): Promise<Asked> {
  const basic = { authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}`, origin: shop };
  const options = path.startsWith("/segment/") ? { headers: basic } : { key, headers: { origin: shop } };
  let answer: Answer;
  // A busy machine may ask to come back.
  do answer = await platform.ask(method, path, { ...options, ...(body === undefined ? {} : { body }) });
  while (answer.status === 503);
  return { ...answer, text: JSON.stringify(answer.body) };
}

/** The rows of every table that say whose they are. */
async function everythingOf({ project_id }: TestProject): Promise<Record<string, unknown[]>> {
  await Promise.all([platform.ledger.flush(), platform.deadLetters.flush()]);
  const tables = await platform.clickhouse.query<{ table: string }>(
    `SELECT table FROM system.columns
     WHERE database = currentDatabase() AND name = 'project_id'
         AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')
     ORDER BY table`,
  );
  expect(tables.length).toBeGreaterThan(5);
  const found: Record<string, unknown[]> = {};
  for (const { table } of tables) {
    const sql = `SELECT * FROM ${table} WHERE project_id = {project_id:String} ORDER BY ALL`;
    found[table] = await platform.clickhouse.query(sql, { project_id });
  }
  return found;
}

const isAdmin = ({ template }: Call) => template.startsWith("/admin/");
const isRead = ({ method }: Call) => method === "GET";
const named = ({ method, template }: Call) => `${method} ${template}`;

test("what the walk looks for is there to be found: with their own key most reads show it", async () => {
  const shown: string[] = [];
  for (const call of calls.filter(isRead)) {
    if ((await ask(requestOf(call, theirIds, "required"), theirs.keys.rk)).text.includes(mark)) shown.push(named(call));
  }
  expect(shown.length).toBeGreaterThan(8);
});

test("no route tells a key of another project anything, whatever ids it is given, and changes nothing there", async () => {
  const before = await everythingOf(theirs);
  expect(before["events_v1"]?.length).toBe(5);
  // Reads first, while nothing of ours has their ids.
  const order = [...calls.filter(isRead), ...calls.filter((call) => !isRead(call))];
  const smuggled = { project_id: theirs.project_id, projectId: theirs.project_id };
  // The first of these that has an acceptable shape.
  const ways = [smuggled, {}].flatMap((beside) => [["all", beside] as const, ["required", beside] as const]);
  const leaks: string[] = [];
  const unreached: string[] = [];
  let asked = 0;
  for (const call of order) {
    let reached = false;
    for (const key of [mine.keys.rk, mine.keys.sk, mine.keys.pk]) {
      for (const [only, beside] of ways) {
        const answer = await ask(requestOf(call, theirIds, only, beside), key);
        asked += 1;
        expect([named(call), answer.status < 500]).toEqual([named(call), true]);
        if (answer.text.includes(mark)) leaks.push(`${named(call)} with ${key.slice(0, 2)}: ${answer.text}`);
        reached ||= isAdmin(call) ? answer.status === 401 : ![400, 401, 403].includes(answer.status);
        if (answer.status !== 400) break;
      }
    }
    if (!reached) unreached.push(named(call));
  }
  expect({ leaks, unreached }).toEqual({ leaks: [], unreached: [] });
  expect(asked).toBeGreaterThan(3 * calls.length - 1);
  expect(await everythingOf(theirs)).toEqual(before);
});

test("every path that holds an id answers to each of theirs as to one that is nobody's", async () => {
  const other = await platform.project("other", [shop]);
  const differences: string[] = [];
  for (const call of calls.filter((one) => isRead(one) && one.template.includes("{"))) {
    const control = await ask(requestOf(call, nobodysIds, "required"), other.keys.sk);
    for (const id of new Set(Object.values(ids))) {
      const fill: Fill = (name) => usual[name] ?? (name.startsWith("enum ") ? undefined : id);
      const { status } = await ask(requestOf(call, fill, "required"), other.keys.sk);
      // Segment's client is told back the key it names, and nothing of its project.
      const known = call.template.includes("{write_key}") && id === ids["write_key"];
      if (status !== control.status && status !== 400 && !known)
        differences.push(`${named(call)} ${id}: ${status}, not ${control.status}`);
    }
  }
  expect(differences).toEqual([]);
});

test("the text of an attack in every parameter does nothing: no 5xx, no row too many, nothing changed", async () => {
  const attacks = [
    `' OR '1'='1' -- /* "\`; DROP TABLE events_v1; {project_id:String} UNION ALL SELECT * FROM api_keys_v1`,
    "\\' OR 1=1) OR (1=1 OR '' = \\",
  ];
  const before = await everythingOf(theirs);
  const tables = "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name";
  const schema = await platform.clickhouse.query(tables);
  const problems: string[] = [];
  for (const call of calls) {
    const texts = textsOf(call).filter((name) => name !== "from" && name !== "to");
    for (const attack of attacks) {
      // All at once, then each by itself, as a single one that is refused hides the others.
      for (const places of [texts, ...texts.map((name) => [name])]) {
        const fill =
          (text: string): Fill =>
          (name) =>
            places.includes(name) ? text : nobodysIds(name);
        const { status, text } = await ask(requestOf(call, fill(attack), "all"), mine.keys.sk);
        if (status >= 500) problems.push(`${named(call)} ${places}: ${status}`);
        if (text.includes(mark)) problems.push(`${named(call)} ${places}: ${text}`);
        if (isRead(call) && status === 200 && countRows(text) > 0) {
          const control = await ask(requestOf(call, fill("nobody"), "all"), mine.keys.sk);
          if (countRows(control.text) !== countRows(text)) problems.push(`${named(call)} ${places}: other rows`);
        }
        // None was refused: each of them was tried.
        if (places === texts && status < 300) break;
      }
    }
  }
  expect(problems).toEqual([]);
  expect(await platform.clickhouse.query(tables)).toEqual(schema);
  expect(await everythingOf(theirs)).toEqual(before);
});

function countRows(text: string): number {
  const answer: unknown = JSON.parse(text);
  return typeof answer === "object" && answer !== null && "rows" in answer && Array.isArray(answer.rows)
    ? answer.rows.length
    : 0;
}
