import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A bucket in memory that speaks as much of S3 as ClickHouse's backups ask for. */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  readonly #parts = new Map<string, Buffer[]>();
  readonly #modified = new Map<string, Date>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #clock = Date.UTC(2026, 0, 1);

  /** Opens a free port. @returns the bucket's URL, without a slash at its end */
  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/backups`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://s3");
    const key = decodeURIComponent(pathname).replace(/^\/backups\/?/, "");
    const body = await read(request);
    const reply = (status: number, text: string | Buffer = "", headers = {}) => {
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : text);
    };
    const stored = this.objects.get(key);
    switch (
      `${request.method} ${["uploads", "uploadId", "delete", "list-type"].find((name) => query.has(name)) ?? ""}`
    ) {
      case "POST uploads": {
        const id = randomUUID();
        this.#parts.set(id, []);
        return reply(200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
      }
      case "PUT uploadId": {
        const parts = this.#parts.get(query.get("uploadId") ?? "") ?? [];
        parts[Number(query.get("partNumber")) - 1] = body;
        return reply(200, "", { ETag: '"part"' });
      }
      case "POST uploadId":
        this.#put(key, Buffer.concat(this.#parts.get(query.get("uploadId") ?? "") ?? []));
        return reply(200, '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>');
      case "POST delete":
        for (const [, name = ""] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) this.objects.delete(name);
        return reply(200, "<DeleteResult></DeleteResult>");
      case "GET list-type":
        return reply(200, this.#list(query.get("prefix") ?? ""));
      case "PUT ":
        this.#put(key, body);
        return reply(200, "", { ETag: '"whole"' });
      case "DELETE ":
        this.objects.delete(key);
        return reply(204);
      case "GET ":
      case "HEAD ":
        if (stored === undefined) return reply(404, "<Error><Code>NoSuchKey</Code></Error>");
        return reply(...slice(stored, request), this.#headers(key));
      default:
        return reply(501);
    }
  }

  #put(key: string, body: Buffer): void {
    this.objects.set(key, body);
    // Seconds apart, so that "the newest" is clear.
    this.#clock += 1000;
    this.#modified.set(key, new Date(this.#clock));
  }

  #headers(key: string) {
    return { "Last-Modified": this.#modified.get(key)?.toUTCString() ?? "", ETag: '"whole"' };
  }

  #list(prefix: string): string {
    const entries = [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(
        ([key, { length }]) =>
          `<Contents><Key>${key}</Key><Size>${length}</Size><ETag>"whole"</ETag><LastModified>${this.#modified.get(key)?.toISOString()}</LastModified></Contents>`,
      );
    return `<ListBucketResult><Name>backups</Name><KeyCount>${entries.length}</KeyCount><IsTruncated>false</IsTruncated>${entries.join("")}</ListBucketResult>`;
  }
}

/** The whole object, or the range that the request names. */
function slice(object: Buffer, { headers, method }: IncomingMessage): [status: number, body: Buffer] {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  if (from === undefined || method === "HEAD") return [200, object];
  return [206, object.subarray(Number(from), to === "" ? undefined : Number(to) + 1)];
}

/** The body, out of the chunks that the AWS SDK signs one by one if need be. */
async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
