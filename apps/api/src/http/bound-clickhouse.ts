import { AsyncLocalStorage } from "node:async_hooks";
import type { ClickHouse, Params } from "@millimetric/clickhouse";
import type { FastifyInstance } from "fastify";
import type { Caller } from "../keys/key-ring.ts";

const callers = new AsyncLocalStorage<Caller>();

/** Makes every handler of these routes run on behalf of its caller; comes after the hook that knows the key. */
export function actForCaller(app: FastifyInstance): void {
  app.addHook("preHandler", (request, _, done) => callers.run(request.caller, done));
}

/**
 * The same ClickHouse for the routes that a project's keys may call, and the one place that binds project_id: to that of the key, for
 * every statement and every row. A statement that leaves the project open, names another one, or runs for nobody, is a bug and fails
 * before it is sent.
 */
export function boundToCaller(clickhouse: ClickHouse): ClickHouse {
  const bound = (sql: string, params: Params = {}): Params => {
    const { project_id } = caller();
    if (!sql.includes("{project_id:String}")) throw new Error("this statement looks at every project");
    check(params["project_id"] ?? project_id, project_id);
    return { ...params, project_id };
  };
  return {
    ...clickhouse,
    query: async (sql, params) => clickhouse.query(sql, bound(sql, params)),
    lookUp: async (sql, params) => clickhouse.lookUp(sql, bound(sql, params)),
    command: async (sql, params) => clickhouse.command(sql, bound(sql, params)),
    async insert(block) {
      const { project_id } = caller();
      if (block.columns !== undefined) throw new Error("rows are checked by their names");
      for (const line of block.lines) check((JSON.parse(line) as { project_id?: unknown }).project_id, project_id);
      await clickhouse.insert(block);
    },
  };
}

function caller(): Caller {
  const found = callers.getStore();
  if (found === undefined) throw new Error("nobody asks for this");
  return found;
}

function check(asked: unknown, project_id: string): void {
  if (asked !== project_id) throw new Error("a key reaches its own project only");
}
