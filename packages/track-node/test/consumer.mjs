// An application that uses the package as the registry would give it: node|bun|deno consumer.mjs HOST

import process from "node:process";
import { close, errorCodes, flush, init, Millimetric, track, userHash } from "@millimetric/track-node";
import { visitor } from "@millimetric/track-node/express";
import { ingestProxy } from "@millimetric/track-node/fastify";
import { createIngestProxy } from "@millimetric/track-node/proxy";
import { visitorOf } from "@millimetric/track-node/visitor";

const host = process.argv[2];
const key = `sk_live_abcdefgh_${"0".repeat(32)}`;
init({ key, host });
for (let n = 0; n < 50; n++) track({ event: "signup", user_id: `user_${n}`, properties: { n } });
const flushed = await flush();
await close();

const page = new Request("https://shop.example.com/", {
  headers: { accept: "text/html", "sec-fetch-dest": "document" },
});
const [cookie] = visitorOf(page).applyTo(new Response("hi")).headers.getSetCookie();
const proxy = createIngestProxy({ host });
const passed = await proxy.handle(
  new Request("https://shop.example.com/mm/v1/batch", { method: "POST", body: '{"sent_at":"","events":[]}' }),
);
const codes = Object.keys(errorCodes).length > 0 && [visitor, ingestProxy].every((one) => typeof one === "function");
process.stdout.write(
  JSON.stringify({
    flushed,
    cookie: cookie.split("=")[0],
    proxied: passed.status,
    hash: userHash("u", "s").length,
    codes,
  }),
);

// And one that forgets to close: its last event is sent all the same.
new Millimetric({ key, host, flushIntervalMs: 60_000 }).track({ event: "forgotten", user_id: "user_42" });
