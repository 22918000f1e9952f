import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const encoders = {
  br: promisify(brotliCompress),
  gzip: promisify(gzip),
};

/** Best first. */
export const encodings = ["br", "gzip"] as const;
export type Encoding = (typeof encodings)[number];

/** The browser SDK as it is served. */
export interface BrowserScript {
  body: Buffer;
  encoded: Readonly<Record<Encoding, Buffer>>;
  /** Names this very text, in its address and as its ETag: 16 hexadecimal digits. */
  version: string;
  /** For the `integrity` attribute. */
  integrity: string;
}

export async function makeScript(text: string): Promise<BrowserScript> {
  const body = Buffer.from(text);
  const [br, zipped] = await Promise.all([
    encoders.br(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
    encoders.gzip(body, { level: 9 }),
  ]);
  return {
    body,
    encoded: { br, gzip: zipped },
    version: createHash("sha256").update(body).digest("hex").slice(0, 16),
    integrity: `sha384-${createHash("sha384").update(body).digest("base64")}`,
  };
}

/** The best encoding that an `Accept-Encoding` header takes; `undefined` for none. */
export function encodingFor(accepts: string | undefined): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const part of (accepts ?? "").toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const quality = parameters.find((one) => one.startsWith("q="))?.slice(2);
    weights.set(name, quality === undefined ? 1 : Number(quality) || 0);
  }
  return encodings.find((name) => (weights.get(name) ?? weights.get("*") ?? 0) > 0);
}
