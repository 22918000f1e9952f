import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { limits } from "@millimetric/contracts";
import type { FastifyInstance } from "fastify";
import { ApiError } from "./errors.ts";

const inflaters = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** text/plain is for browsers that must not preflight. */
export const jsonTypes = ["application/json", "text/plain"];

/** Bodies of these types are JSON, compressed or not. */
export function acceptBodies(app: FastifyInstance, types: string[] = jsonTypes): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    types,
    { parseAs: "buffer", bodyLimit: limits.bodyBytes },
    async (request: { headers: { "content-encoding"?: string | undefined } }, body: Buffer) =>
      parse(await inflated(body, request.headers["content-encoding"])),
  );
}

async function inflated(body: Buffer, encoding = "identity"): Promise<Buffer> {
  if (encoding === "identity") return body;
  if (!Object.hasOwn(inflaters, encoding))
    throw new ApiError("invalid_payload", "Content-Encoding is one of gzip, deflate, br.");
  try {
    return await inflaters[encoding as keyof typeof inflaters](body, { maxOutputLength: limits.bodyBytes });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE")
      throw new ApiError("payload_too_large", "The body is over 4 MB once inflated.", { cause });
    throw new ApiError("invalid_json", `The body is not ${encoding}.`, { cause });
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new ApiError("invalid_json", body.length === 0 ? "The body is empty." : "The body is not JSON.", { cause });
  }
}
