import { panel } from "./panel.ts";

/** A page of the demo shop. Its texts are ours: nothing of a request stands in them. */
export interface Page {
  title: string;
  main: string;
  /** Scripts of /demo/assets beside those of every page. */
  scripts?: readonly string[];
}

const links = [
  ["/demo", "Coffee"],
  ["/demo/box", "Build a box"],
  ["/demo/about", "About"],
  ["/demo/signup", "Sign up"],
] as const;

/** The whole page, with the browser SDK as an application would load it. */
export function layout({ title, main, scripts = [] }: Page, publicKey: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/demo/assets/icon.svg">
<link rel="stylesheet" href="/demo/assets/shop.css">
<link rel="stylesheet" href="/demo/assets/panel.css">
<script defer src="/v1/a.js" data-key="${publicKey}"></script>
${["shop.js", "panel.js", ...scripts].map((name) => `<script type="module" src="/demo/assets/${name}"></script>`).join("\n")}
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<div class="shop">
<header class="top">
<a class="brand" href="/demo"><img src="/demo/assets/icon.svg" alt="" width="28" height="28">Ferrywharf Coffee</a>
<nav aria-label="Shop">${links.map(([href, text]) => `<a href="${href}">${text}</a>`).join("")}</nav>
<a class="cart" href="/demo/checkout">Cart <span class="count" data-cart-count>0</span></a>
</header>
<main id="main">
${main}
</main>
<footer class="foot"><p>A demo shop: nothing is sold, nobody is charged, and what you type stays on this machine.</p></footer>
</div>
${panel}
</body>
</html>
`;
}
