import { randomFillSync } from "node:crypto";
import { connect, type Socket } from "node:net";

/** What one answered request took, and how many there were. */
export interface Load {
  /** Answered 202, per second. */
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** How many were answered with each status. */
  statuses: Record<string, number>;
}

export interface LoadOptions {
  url: string;
  path: string;
  key: string;
  /** Each sends its next request when the last one is answered. */
  connections: number;
  /** How long; or `requests`, how many. */
  seconds?: number;
  requests?: number;
  /** Requests per second of all connections together; absent: as many as are answered. */
  perSecond?: number;
  /** JSON in which `eventId` and `visitor` are replaced in each request; both keep their length. */
  body: string;
}

/** Stands in a body for an id that is new in each request and each place: a UUIDv7, as the SDKs make them. */
export const eventId = "@@@@@@@@-@@@@-7@@@-8@@@-@@@@@@@@@@@@";
/** Stands in a body for one of 20,000 visitors. */
export const visitor = "visitor-#####";

const hex = Buffer.from("0123456789abcdef");
const visitors = 20_000;

/**
 * Closed-loop load on bare sockets: requests are written from a template, and of the answer only what HTTP needs is read, so that the
 * generator takes as little as it can of a machine that it shares with what it measures.
 */
export async function load(options: LoadOptions): Promise<Load> {
  const { url, connections, seconds = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY } = options;
  const { hostname, port } = new URL(url);
  const template = requestOf(options);
  const times = new Uint32Array(120_000);
  const statuses: Record<string, number> = {};
  let begun = 0;
  const pause = options.perSecond === undefined ? 0 : (1000 * connections) / options.perSecond;

  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))));
  const start = performance.now();
  const end = start + seconds * 1000;
  const one = (socket: Socket, index: number) =>
    new Promise<void>((resolve, reject) => {
      const request = Buffer.from(template.bytes);
      let due = start + (pause * index) / connections;
      let sentAt = 0;
      let rest = "";
      const send = () => {
        begun++;
        template.renew(request);
        sentAt = performance.now();
        socket.write(request);
      };
      const next = () => {
        const now = performance.now();
        if (now >= end || begun >= requests) {
          socket.destroy();
          resolve();
        } else if (pause === 0) send();
        else {
          // The rate holds on average: who is late does not wait.
          due += pause;
          if (due <= now) send();
          else setTimeout(send, due - now);
        }
      };
      socket.on("data", (chunk: string) => {
        rest += chunk;
        if (!isWhole(rest)) return;
        const status = rest.slice(9, 12);
        statuses[status] = (statuses[status] ?? 0) + 1;
        rest = "";
        const ms = Math.min(times.length - 1, Math.round(performance.now() - sentAt));
        times[ms] = (times[ms] ?? 0) + 1;
        next();
      });
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the server hung up")));
      if (pause === 0) send();
      else setTimeout(send, (pause * index) / connections);
    });

  await Promise.all(sockets.map(one));
  const took = (performance.now() - start) / 1000;
  return {
    perSecond: (statuses["202"] ?? 0) / took,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    statuses,
  };
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.setEncoding("latin1");
    socket.once("error", reject);
  });
}

/** The bytes of a request, and a way to put new ids into a copy of them. */
function requestOf({ url, path, key, body }: LoadOptions) {
  const head = `POST ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  const idsAt = everyIndex(bytes, eventId);
  const visitorsAt = everyIndex(bytes, visitor).map((at) => at + visitor.indexOf("#"));
  return {
    bytes,
    renew(request: Buffer) {
      for (const at of idsAt) writeId(request, at);
      for (const at of visitorsAt) writeDigits(request, at, Math.floor(Math.random() * visitors));
    },
  };
}

function everyIndex(bytes: Buffer, text: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) found.push(at);
  return found;
}

const dashes = new Set([8, 13, 18, 23]);
const pool = Buffer.allocUnsafeSlow(65_536);
let used = pool.length;

/** 48 bits of Unix milliseconds, then chance; version and variant are in the template. */
function writeId(request: Buffer, at: number): void {
  let time = Date.now();
  for (let index = 12; index >= 0; index--) {
    if (dashes.has(index)) continue;
    request[at + index] = hex[time % 16] ?? 0;
    time = Math.floor(time / 16);
  }
  if (used + 36 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  for (let index = 15; index < 36; index++) {
    if (dashes.has(index) || index === 19) continue;
    request[at + index] = hex[(pool[used++] ?? 0) & 15] ?? 0;
  }
}

function writeDigits(request: Buffer, at: number, number: number): void {
  let rest = number;
  for (let index = 4; index >= 0; index--) {
    request[at + index] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** Whether an answer with a Content-Length has arrived to its end. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  return length !== undefined && answer.length >= headEnd + 4 + Number(length);
}

function percentile(times: Uint32Array, part: number): number {
  let left = part * times.reduce((sum, count) => sum + count, 0);
  return times.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
}
