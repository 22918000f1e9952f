import {
  type ClickHouse,
  type ForgetScope,
  hideEvents,
  hideLateEventsOfUser,
  hideLetters,
  hideUser,
  hideVisitor,
  isLinked,
  lateAnonymousEvents,
  lettersOfPerson,
  peopleOf,
  spansOfUser,
} from "@millimetric/clickhouse";
import { isIn } from "./forgotten.ts";
import type { Hashes, Subject } from "./hashes.ts";
import type { ForgetRecord, HashedSpan } from "./journal.ts";

/** Milliseconds before a request in which events were received that another process may have stored after the work list was made. */
const lateFor = 15 * 60_000;

const scopeOf = ({ project_id, request_id }: ForgetScope): ForgetScope => ({ project_id, request_id });

/** Writes down what is a person's, and so hides it; answers when the anonymous events of their visitors were theirs. */
export async function makeWorkList(
  clickhouse: ClickHouse,
  hashes: Hashes,
  record: ForgetRecord,
  subject: Subject,
): Promise<HashedSpan[]> {
  const scope = scopeOf(record);
  const { project_id } = scope;
  const hash = (id: string) => hashes.person(project_id, { kind: "visitor", id });
  if (subject.kind === "visitor") {
    const alone = !(await isLinked(clickhouse, project_id, subject.id));
    const spans: HashedSpan[] = alone ? [[hash(subject.id), null, null]] : [];
    await hideVisitor(clickhouse, scope, subject.id);
    await hideLettersOf(clickhouse, hashes, { ...record, spans }, { user_id: "", devices: [subject.id] });
    return spans;
  }
  const spans = (await spansOfUser(clickhouse, project_id, subject.id)).map(
    ({ anonymous_id, from, to }): HashedSpan => [hash(anonymous_id), from, to],
  );
  await hideUser(clickhouse, scope, subject.id);
  await hideLettersOf(clickhouse, hashes, { ...record, spans }, await peopleOf(clickhouse, scope));
  return spans;
}

/** Adds what was stored after the list was made, although it was received before: by inserts that were under way in other processes. */
export async function addLateRows(clickhouse: ClickHouse, hashes: Hashes, record: ForgetRecord): Promise<void> {
  const scope = scopeOf(record);
  const people = await peopleOf(clickhouse, scope);
  const requestedAt = new Date(record.requested_at);
  const { user_id } = people;
  const { suppress } = record;
  if (user_id !== "") await hideLateEventsOfUser(clickhouse, scope, { user_id, requestedAt, suppress });
  const since = new Date(requestedAt.getTime() - lateFor);
  const late = await lateAnonymousEvents(clickhouse, scope, { requestedAt, since });
  const isTheirs = theirsBy(hashes, record);
  await hideEvents(
    clickhouse,
    scope,
    late.filter(({ anonymous_id, timestamp }) => isTheirs(anonymous_id, Date.parse(timestamp))),
  );
  await hideLettersOf(clickhouse, hashes, record, people);
}

async function hideLettersOf(
  clickhouse: ClickHouse,
  hashes: Hashes,
  record: ForgetRecord,
  people: { user_id: string; devices: string[] },
): Promise<void> {
  const isTheirs = theirsBy(hashes, record);
  const letters = await lettersOfPerson(clickhouse, scopeOf(record), people);
  // The time an event says of itself may be what it was refused for.
  const theirs = letters.filter(({ names_user, visitor, at }) => names_user || isTheirs(visitor, at));
  await hideLetters(clickhouse, scopeOf(record), theirs);
}

/** Whether an anonymous event of a visitor at an instant is the person's. */
function theirsBy(hashes: Hashes, { project_id, spans }: ForgetRecord) {
  return (visitor: string, at: number): boolean => {
    const hash = hashes.person(project_id, { kind: "visitor", id: visitor });
    return spans.some((span) => span[0] === hash && isIn(span, at));
  };
}
