import { type ChdbResult, Session } from "chdb";
import { ClickHouseException } from "./exception.ts";
import { type PlainInsert, plainInsert, textOf } from "./statement.ts";

/** A statement with everything that came with it. */
export interface Statement {
  sql: string;
  /** The rows of an INSERT, when they came apart from it. */
  data?: Buffer;
  database: string;
  settings: ReadonlyMap<string, string>;
  /** Bound parameters, in the text form of the wire. */
  params: ReadonlyMap<string, string>;
  /** For a statement that names none itself. */
  format: string;
}

export interface Result {
  bytes: Uint8Array;
  readRows: number;
  readBytes: number;
  writtenRows: number;
  writtenBytes: number;
}

/** The one embedded engine of this process. */
export interface Engine {
  readonly version: string;
  /** Runs a statement to its end. @throws ClickHouseException */
  run(statement: Statement): Promise<Result>;
  /** Gives the result while it is being made. Planning (also of scalar sub-queries) holds the event loop. @throws ClickHouseException */
  stream(statement: Statement): AsyncIterable<Uint8Array>;
}

const nothing: Result = { bytes: new Uint8Array(), readRows: 0, readBytes: 0, writtenRows: 0, writtenBytes: 0 };

const literal = (text: string) => `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;

/** Opens the engine in `path`, which it keeps for this process alone. */
export function openEngine(path: string): Engine {
  // Keeps the engine running between requests.
  const keeper = new Session(path);
  const version = keeper.query("SELECT version()", "TSV").trim();

  /**
   * Each statement has a connection of its own: what is set on one (settings, parameters, database) stays there, and a
   * connection runs one statement at a time. Opening one costs about a millisecond.
   */
  async function prepare({ database, settings, params }: Statement): Promise<Session> {
    const session = new Session(path);
    try {
      await session.queryAsync(`USE \`${database.replace(/`/g, "")}\``);
      // A parameter may be longer than a statement; the value itself is checked nowhere.
      if (params.size > 0) await session.queryAsync("SET max_query_size = 1000000000");
      for (const [name, value] of params) await session.queryAsync(`SET param_${identifier(name)} = ${literal(value)}`);
      const assignments = [...settings].map(([name, value]) => `${identifier(name)} = ${literal(value)}`);
      // Last, because it may forbid the others.
      const readonly = assignments.filter((one) => one.startsWith("readonly "));
      const others = assignments.filter((one) => !one.startsWith("readonly "));
      for (const group of [others, readonly]) if (group.length > 0) await session.queryAsync(`SET ${group.join(", ")}`);
      return session;
    } catch (error) {
      session.close();
      throw ClickHouseException.from(error);
    }
  }

  return {
    version,
    async run(statement) {
      const session = await prepare(statement);
      try {
        const { sql, data, format } = statement;
        if (data === undefined) return resultOf(await session.queryAsync(sql, { format }));
        const plain = plainInsert(sql);
        if (plain !== undefined) return await insert(session, plain, data);
        return resultOf(await session.queryAsync(`${sql}\n${textOf(data)}`, { format }));
      } catch (error) {
        const exception = ClickHouseException.from(error);
        // A server takes an INSERT without rows.
        if (exception.type === "NO_DATA_TO_INSERT") return nothing;
        throw exception;
      } finally {
        session.close();
      }
    },
    async *stream(statement) {
      const session = await prepare(statement);
      try {
        for await (const chunk of session.queryStream(statement.sql, { format: statement.format })) yield chunk.raw();
      } catch (error) {
        throw ClickHouseException.from(error);
      } finally {
        session.close();
      }
    },
  };
}

function identifier(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new ClickHouseException(115, "UNKNOWN_SETTING", `Unknown setting '${name}'.`);
}

async function insert(session: Session, plain: PlainInsert, data: Buffer): Promise<Result> {
  const { rowsWritten, bytesWritten } = await session.insert({ ...plain, values: data });
  return {
    ...nothing,
    readRows: rowsWritten,
    readBytes: bytesWritten,
    writtenRows: rowsWritten,
    writtenBytes: bytesWritten,
  };
}

function resultOf(result: ChdbResult): Result {
  return { ...nothing, bytes: result.bytes(), readRows: result.rowsRead, readBytes: result.bytesRead };
}
