import { classify, type Entry } from "../src/index.ts";

const page = "https://www.acme-shop.com/landing?color=red&size=42";

/** What events bring: most of them go on with a visit, some land from somewhere, and a few are odd. */
const traffic: Readonly<Record<string, Entry>> = {
  "within the site": { url: page, referrer: "https://www.acme-shop.com/" },
  direct: { url: page },
  "organic search": { url: page, referrer: "https://www.google.com/" },
  "other site": { url: page, referrer: "https://blog.partner.co.uk/2026/11/review-of-shops" },
  "tagged ad": {
    url: `${page}&utm_source=facebook&utm_medium=cpc&utm_campaign=spring_sale&utm_content=v2&fbclid=IwAR0abcdefghijklmnopqrstuvwxyz`,
    referrer: "https://l.facebook.com/",
  },
  "app referrer": { url: page, referrer: "android-app://com.google.android.googlequicksearchbox/https/www.google.com" },
  "worst: 8 KB of parameters": {
    url: `${page}&${"utm_a=%41&".repeat(900)}`,
    referrer: `https://${"a.".repeat(120)}com/`,
  },
  "worst: 8 KB of ampersands": { url: `${page}${"&=".repeat(4096)}`, referrer: "%".repeat(8192) },
};

/** Microseconds of one call, the best of several rounds: noise only ever adds. */
function measure(entry: Entry): number {
  const calls = 20_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) classify(entry);
    best = Math.min(best, ((performance.now() - start) * 1000) / calls);
  }
  return best;
}

console.log("classify, µs per event (aim: < 5 for what events bring)");
for (const [name, entry] of Object.entries(traffic)) console.log(`${measure(entry).toFixed(2).padStart(8)}  ${name}`);
