import type { ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from "node:zlib";

/** Content encodings, in the order a server prefers them. */
export const encodings = ["br", "gzip", "deflate", "zstd"] as const;
export type Encoding = (typeof encodings)[number];

const encoders = { br: createBrotliCompress, gzip: createGzip, deflate: createDeflate, zstd: createZstdCompress };

/** The body of an answer, compressed or not. */
export interface Body {
  /** Resolves when there is room for more. @throws Error when the client is gone */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was written so far is on its way, whatever a compressor would like to wait for. */
  flush(): Promise<void>;
  /** Resolves when the whole answer is on its way. */
  end(): Promise<void>;
}

export function openBody(response: ServerResponse, encoding: Encoding | undefined): Body {
  const encoder = encoding && encoders[encoding]();
  encoder?.pipe(response);
  const stream = encoder ?? response;

  /** Resolves also when the client goes meanwhile: nothing calls back then. */
  const untilDoneOrGone = (work: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      if (response.destroyed) return resolve();
      const done = () => {
        response.off("close", done);
        resolve();
      };
      response.once("close", done);
      work(done);
    });

  return {
    async write(bytes) {
      await untilDoneOrGone((done) => stream.write(bytes, done));
      if (response.destroyed) throw new Error("the client is gone");
    },
    async flush() {
      if (encoder === undefined) return;
      await untilDoneOrGone((done) => encoder.flush(done));
      await turn();
    },
    end: () =>
      untilDoneOrGone((done) => {
        response.once("finish", done);
        stream.end();
      }),
  };
}
