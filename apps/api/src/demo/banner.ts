import type { Config } from "../config.ts";
import type { DemoProject } from "./project.ts";

/** A week in the life of one visitor, ending today; hours before now. */
const story = [
  { hours: 141, event: "$pageview", url: "https://shop.example/?utm_source=facebook&utm_medium=cpc&fbclid=IwAR0demo" },
  {
    hours: 141,
    event: "clicked_pricing",
    url: "https://shop.example/pricing?utm_source=facebook&utm_medium=cpc&fbclid=IwAR0demo",
  },
  { hours: 50, event: "$pageview", url: "https://shop.example/" },
];

/** What `npm start` prints: where it runs, the keys, and the story to paste. */
export function demoBanner(url: string, config: Config, adminToken: string, { keys }: DemoProject): string {
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const events = story.map(({ hours, ...event }) => ({ ...event, anonymous_id: "u_abc", timestamp: ago(hours) }));
  const post = (path: string, body: unknown) =>
    `curl -sw '\\n' ${url}${path} -H 'Authorization: Bearer ${keys.sk}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  const shop = config.demo
    ? `
  Open ${url}/demo
  a small shop, and beside it, live, what the platform knows about you.
`
    : "";
  const get = (path: string) => `curl -sw '\\n' '${url}${path}' -H 'Authorization: Bearer ${keys.rk}'`;
  return `
Millimetric is ready at ${url}   (data in ${config.dataDir}, stop with Ctrl-C)
${shop}
  demo project   pk ${keys.pk}
                 sk ${keys.sk}
                 rk ${keys.rk}
  admin token    ${adminToken}

A visitor clicks an ad, browses for a week, and signs up. Paste this:

${post("/v1/batch", { events })}
${post("/v1/identify", { anonymous_id: "u_abc", user_id: "user_42", traits: { plan: "pro" } })}
${post("/v1/track", { event: "signup", anonymous_id: "u_abc", user_id: "user_42" })}

Where did user_42 come from, and how long did it take?

${get("/v1/attribution/first-touch?user_id=user_42")}
${get("/v1/users/user_42/journey")}
${get("/v1/conversions?events=signup&user_id=user_42")}
`;
}
