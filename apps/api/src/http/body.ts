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
  const parse = createParser();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    types,
    { parseAs: "buffer", bodyLimit: limits.bodyBytes },
    (request: { headers: { "content-encoding"?: string | undefined } }, body: Buffer, done) => {
      const encoding = request.headers["content-encoding"] ?? "identity";
      if (encoding === "identity") done(null, parse(body));
      else
        inflated(body, encoding)
          .then(parse)
          .then((value) => done(null, value), done);
    },
  );
}

async function inflated(body: Buffer, encoding: string): Promise<Buffer> {
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

function createParser(): (body: Buffer) => unknown {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  return (body) => {
    try {
      return JSON.parse(utf8.decode(body));
    } catch (cause) {
      throw new ApiError("invalid_json", body.length === 0 ? "The body is empty." : "The body is not JSON.", { cause });
    }
  };
}
