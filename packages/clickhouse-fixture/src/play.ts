import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { begin, fail, type Introduction } from "./answer.ts";
import type { Engine } from "./engine.ts";
import { ClickHouseException } from "./exception.ts";
import { execute } from "./execute.ts";
import { exceptionCodes, type Met } from "./fault.ts";
import type { StatementRequest } from "./request.ts";

export interface Scene {
  engine: Engine;
  request: StatementRequest;
  introduction: Introduction;
  response: ServerResponse;
  /** Keeps the request unanswered. */
  hang(): void;
}

/** The beginning of a result that was never made. */
const beginning = Buffer.from("{");

const exceptionOf = (type: keyof typeof exceptionCodes) =>
  new ClickHouseException(exceptionCodes[type], type, "Played by the fixture.");

/** Answers a request with a fault. */
export async function play(met: Exclude<Met, { kind: "refuse" }>, scene: Scene): Promise<void> {
  const { engine, request, introduction, response } = scene;
  if (met.kind === "slow" && !met.executed) {
    await wait(met.ms);
    return execute(engine, request, introduction, response);
  }
  const executed = met.executed === true || met.kind === "break";
  const isInsert = request.kind === "insert";
  // What the statement itself fails with is told as it is.
  let bytes: Uint8Array = beginning;
  if (executed) {
    try {
      bytes = (await engine.run(request)).bytes;
    } catch (error) {
      return fail(response, introduction, ClickHouseException.from(error));
    }
  }
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  switch (met.kind) {
    case "hang":
      return scene.hang();
    case "slow": {
      await wait(met.ms);
      const body = begin(response, introduction, bytes.length > 0);
      if (bytes.length > 0) await body.write(bytes);
      return body.end();
    }
    case "cut":
      begin(response, introduction);
      response.socket?.end();
      return;
    case "reset": {
      const body = begin(response, introduction);
      if (!isInsert && half.length > 0) await body.write(half);
      await body.flush();
      response.socket?.resetAndDestroy();
      return;
    }
    case "http500":
      response.writeHead(500, { "content-type": "text/html" }).end("<html><body>Internal Server Error</body></html>");
      return;
    case "exception":
      return fail(response, introduction, exceptionOf(met.type));
    case "break": {
      if (isInsert) return fail(response, introduction, exceptionOf(met.type));
      const body = begin(response, introduction);
      const wholeRows = half.subarray(0, half.lastIndexOf(0x0a) + 1);
      if (wholeRows.length > 0) await body.write(wholeRows);
      return body.breakOff(exceptionOf(met.type));
    }
  }
}
