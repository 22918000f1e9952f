import process from "node:process";
import { createInterface } from "node:readline";
import { Millimetric } from "../src/index.ts";

const [how, host = ""] = process.argv.slice(2);
const say = (text: string) => void process.stdout.write(`${text}\n`);
const mm = new Millimetric({
  key: "sk_live_abcdefgh_0123456789abcdef0123456789abcdef",
  host,
  flushIntervalMs: 60_000,
  ...(how === "impatient" ? { exitTimeoutMs: 300 } : {}),
  onError: ({ code, lost }) => say(`${code} ${lost.length}`),
});
const signup = () => mm.track({ event: "signup", user_id: "user_42" });

/** Waits for a signal as a server does. */
const alive = () => setInterval(() => {}, 1000);

const ends: Record<string, () => unknown> = {
  normal: () => {},
  impatient: () => {},
  async flush() {
    await mm.flush();
    process.exit();
  },
  exit: () => process.exit(3),
  close: () => mm.close({ timeoutMs: 200 }),
  rejection: () => void Promise.reject(new Error("nobody catches this")),
  exception: () =>
    setImmediate(() => {
      throw new Error("nobody catches this");
    }),
  SIGTERM() {
    const timer = alive();
    process.once("SIGTERM", async () => {
      await mm.close();
      clearInterval(timer);
    });
    say("ready");
  },
  "SIGTERM without a handler"() {
    alive();
    say("ready");
  },
  /** Each line of the input is a request to a handler that awaits `flush`; in between the platform may stop or end the process. */
  serverless() {
    createInterface({ input: process.stdin }).on("line", async () => {
      signup();
      const { accepted, pending } = await mm.flush();
      say(`answered ${accepted} ${pending}`);
    });
  },
};

if (how !== "serverless") signup();
await ends[how ?? ""]?.();
