import { afterAll, beforeAll, expect, test } from "vitest";
import { type Shop, startShop } from "./shop.ts";
import { browse } from "./unsteered.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

test("a prerendered page counts when it is shown, and never when it is not", async () => {
  const rules = JSON.stringify({ prerender: [{ urls: ["/shown", "/never"], eagerness: "immediate" }] });
  shop.pages.set(
    "/start",
    (script) => `<!doctype html>${script}<script type="speculationrules">${rules}</script><script>
      setInterval(() => {
        if (!localStorage.loaded_shown || !localStorage.loaded_never || window.left) return;
        window.left = true;
        mm.track("left");
        location.assign("/shown");
      }, 20);
    </script>`,
  );
  for (const name of ["shown", "never"])
    shop.pages.set(
      `/${name}`,
      (script) => `<!doctype html>${script}<script>onload = () => {
        mm.track("loaded", { prerendered: document.prerendering });
        localStorage.loaded_${name} = "yes";
      }</script>`,
    );
  await using _ = await browse(shop.at("/start"));
  const rows = await shop.stored(4);
  expect(rows.map(({ event_name, path, properties }) => [event_name, path, properties["prerendered"]])).toEqual([
    ["$pageview", "/start", undefined],
    ["left", "/start", undefined],
    ["$pageview", "/shown", undefined],
    ["loaded", "/shown", true],
  ]);
});
