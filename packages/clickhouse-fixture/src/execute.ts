import type { ServerResponse } from "node:http";
import { begin, fail, type Introduction, succeed } from "./answer.ts";
import type { Engine } from "./engine.ts";
import { ClickHouseException } from "./exception.ts";
import type { StatementRequest } from "./request.ts";
import { formatOf } from "./statement.ts";

export const introductionOf = (request: StatementRequest, { version }: Engine, serverName: string): Introduction => ({
  serverName,
  version,
  queryId: request.queryId,
  format: formatOf(request.sql, request.format),
  encoding: request.encoding,
});

/** Runs a statement and answers with its result, as a server does when nothing is wrong with the line. */
export async function execute(
  engine: Engine,
  request: StatementRequest,
  introduction: Introduction,
  response: ServerResponse,
): Promise<void> {
  if (request.kind === "select" && !request.waitEndOfQuery && /^\s*(?:SELECT|WITH)\b/i.test(request.sql))
    return stream(engine, request, introduction, response);
  try {
    const { bytes, ...result } = await engine.run(request);
    await succeed(response, { ...introduction, result }, bytes);
  } catch (error) {
    if (!(error instanceof ClickHouseException)) throw error;
    await fail(response, introduction, error);
  }
}

/** Gives the result while it is made, but holds the beginning back: until then a failure still has a status of its own. */
async function stream(
  engine: Engine,
  request: StatementRequest,
  introduction: Introduction,
  response: ServerResponse,
): Promise<void> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let body: ReturnType<typeof begin> | undefined;
  try {
    for await (const chunk of engine.stream(request)) {
      if (body !== undefined) {
        await body.write(chunk);
        continue;
      }
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes < request.holdBack) continue;
      body = begin(response, introduction);
      await body.write(Buffer.concat(held));
      held = [];
    }
  } catch (error) {
    if (!(error instanceof ClickHouseException)) throw error;
    await (body === undefined ? fail(response, introduction, error) : body.breakOff(error));
    return;
  }
  if (body === undefined) await succeed(response, introduction, Buffer.concat(held));
  else await body.end();
}
