import type { Session } from "chdb";
import type { Statement } from "./engine.ts";
import { ClickHouseException } from "./exception.ts";
import { kindOf } from "./statement.ts";

/** What comes with a statement and is set before it. */
type Circumstances = Pick<Statement, "database" | "settings" | "params">;

const literal = (text: string) => `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;

function identifier(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new ClickHouseException(115, "UNKNOWN_SETTING", `Unknown setting '${name}'.`);
}

export async function configure(connection: Session, { database, settings, params }: Circumstances): Promise<void> {
  await connection.queryAsync(`USE \`${database.replace(/`/g, "")}\``);
  // A parameter may be longer than a statement; the value itself is checked nowhere.
  if (params.size > 0) await connection.queryAsync("SET max_query_size = 1000000000");
  for (const [name, value] of params) await connection.queryAsync(`SET param_${identifier(name)} = ${literal(value)}`);
  const assignments = [...settings].map(([name, value]) => `${identifier(name)} = ${literal(value)}`);
  // Last, because it may forbid the others.
  const readonly = assignments.filter((one) => one.startsWith("readonly "));
  const others = assignments.filter((one) => !one.startsWith("readonly "));
  for (const group of [others, readonly]) if (group.length > 0) await connection.queryAsync(`SET ${group.join(", ")}`);
}

/** As `configure`, on the connection of a session: gives what takes its settings back. Other ones that the statement SETs stay. */
export async function configureForOne(connection: Session, statement: Statement): Promise<() => Promise<void>> {
  const settings = new Map(statement.settings);
  // The engine itself would never let go of it again.
  if ((settings.get("readonly") ?? "0") !== "0" && kindOf(statement.sql) !== "select")
    throw new ClickHouseException(164, "READONLY", "Cannot execute query in readonly mode.");
  settings.delete("readonly");
  const names = ["", ...settings.keys()].map(literal).join();
  const before = await connection.queryAsync(
    `SELECT name, value, changed FROM system.settings WHERE name IN (${names})`,
    { format: "JSON" },
  );
  const { data } = before.json<{ data: { name: string; value: string; changed: number }[] }>();
  await configure(connection, { ...statement, settings });
  return async () => {
    for (const { name, value, changed } of data)
      await connection.queryAsync(`SET ${name} = ${changed ? literal(value) : "DEFAULT"}`);
  };
}
