import { afterAll, beforeAll, expect, test } from "vitest";
import { follow, open, type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

test("a visitor arrives by an ad, browses, leaves, comes back direct and signs up: one journey with its first touch", async () => {
  const visitor = await shop.visitor();
  const landing = await open(visitor, shop.at("/?utm_source=facebook&utm_medium=cpc&fbclid=IwAR0"));
  await landing.evaluate(() => window.mm.track("clicked_pricing", { plan: "pro" }));
  await follow(landing, shop.at("/pricing"));
  await landing.close();
  await shop.stored(3);

  const back = await open(visitor, shop.at("/account"));
  await back.evaluate(() => {
    window.mm.identify("user_42", { plan: "pro" });
    window.mm.track("signup");
  });
  await follow(back, shop.at("/app"));
  await back.evaluate(() => window.mm.track("feature_used"));
  const rows = await shop.stored(8);

  expect(new Set(rows.map(({ anonymous_id }) => anonymous_id)).size).toBe(1);
  expect(rows.map(({ event_name, user_id, source, medium }) => [event_name, user_id, source, medium])).toEqual([
    ["$pageview", null, "facebook", "paid"],
    ["clicked_pricing", null, "facebook", "paid"],
    ["$pageview", null, "internal", "direct"],
    ["$pageview", null, "direct", "direct"],
    ["$identify", "user_42", "direct", "direct"],
    ["signup", "user_42", "direct", "direct"],
    ["$pageview", "user_42", "internal", "direct"],
    ["feature_used", "user_42", "internal", "direct"],
  ]);
  const key = shop.project.keys.rk;
  const first = await shop.platform.ask("GET", "/v1/attribution/first-touch?user_id=user_42", { key });
  expect(first.body.rows).toMatchObject([{ first_touch_source: "facebook", first_touch_medium: "paid" }]);
  const journey = await shop.platform.ask("GET", "/v1/users/user_42/journey", { key });
  expect(journey.body.rows.map((row: { phase: string }) => row.phase)).toEqual([
    ...Array(4).fill("before_identify"),
    ...Array(4).fill("identified"),
  ]);
  await visitor.close();
});
