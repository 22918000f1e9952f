import process from "node:process";
import { Millimetric } from "../src/index.ts";

const [how, host = ""] = process.argv.slice(2);
const mm = new Millimetric({
  key: "sk_live_abcdefgh_0123456789abcdef0123456789abcdef",
  host,
  flushIntervalMs: 60_000,
  onError: ({ code, lost }) => process.stdout.write(`${code} ${lost.length}\n`),
});
mm.track({ event: "signup", user_id: "user_42" });

if (how === "flush") {
  await mm.flush();
  process.exit();
}
if (how === "exit") process.exit(3);
if (how === "close") await mm.close({ timeoutMs: 200 });
if (how === "rejection") void Promise.reject(new Error("nobody catches this"));
if (how === "SIGTERM") {
  const alive = setInterval(() => {}, 1000);
  process.once("SIGTERM", async () => {
    await mm.close();
    clearInterval(alive);
  });
  process.stdout.write("ready\n");
}
