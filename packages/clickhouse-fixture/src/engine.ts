import { type ChdbResult, Session } from "chdb";
import { configure, configureForOne } from "./connection.ts";
import { ClickHouseException } from "./exception.ts";
import { createSessions, type SessionRequest } from "./sessions.ts";
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
  /** Default: none. */
  session?: SessionRequest | undefined;
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

/** Opens the engine in `path`, which it keeps for this process alone. */
export function openEngine(path: string): Engine {
  // Keeps the engine running between requests.
  const keeper = new Session(path);
  const version = keeper.query("SELECT version()", "TSV").trim();

  const takeSession = createSessions(() => new Session(path));

  /**
   * Each statement has a connection of its own, or its session's: what is set on one (settings, parameters, database) stays
   * there, and a connection runs one statement at a time. Opening one costs about a millisecond.
   */
  async function connect(statement: Statement): Promise<{ connection: Session; done(): Promise<void> }> {
    if (statement.session !== undefined) {
      const { connection, release } = takeSession(statement.session);
      const undo = await configureForOne(connection, statement).catch(failing(release));
      return { connection, done: () => undo().finally(release) };
    }
    const connection = new Session(path);
    const close = () => connection.close();
    await configure(connection, statement).catch(failing(close));
    return { connection, done: async () => close() };
  }

  return {
    version,
    async run(statement) {
      const { connection, done } = await connect(statement);
      try {
        const { sql, data, format } = statement;
        if (data === undefined) return resultOf(await connection.queryAsync(sql, { format }));
        const plain = plainInsert(sql);
        if (plain !== undefined) return await insert(connection, plain, data);
        return resultOf(await connection.queryAsync(`${sql}\n${textOf(data)}`, { format }));
      } catch (error) {
        const exception = ClickHouseException.from(error);
        // A server takes an INSERT without rows.
        if (exception.type === "NO_DATA_TO_INSERT") return nothing;
        throw exception;
      } finally {
        await done();
      }
    },
    async *stream(statement) {
      const { connection, done } = await connect(statement);
      try {
        for await (const chunk of connection.queryStream(statement.sql, { format: statement.format }))
          yield chunk.raw();
      } catch (error) {
        throw ClickHouseException.from(error);
      } finally {
        await done();
      }
    },
  };
}

const failing = (cleanUp: () => void) => (error: unknown) => {
  cleanUp();
  throw ClickHouseException.from(error);
};

async function insert(connection: Session, plain: PlainInsert, data: Buffer): Promise<Result> {
  const { rowsWritten, bytesWritten } = await connection.insert({ ...plain, values: data });
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
