/** Domains under which each sub-domain is somebody else's: hosts of other people's sites. Those of the list of public suffixes. */
export const sharedHosts = new Set(
  `amplifyapp.com appspot.com azurestaticapps.net azurewebsites.net bitbucket.io blogspot.com cloudfront.net
  deno.dev firebaseapp.com fly.dev github.io gitlab.io hasura.app herokuapp.com hf.space lovable.app
  myshopify.com netlify.app ngrok-free.app ngrok-free.dev ngrok.app ngrok.dev ngrok.io onrender.com pages.dev repl.co replit.app
  replit.dev run.app streamlit.app surge.sh up.railway.app vercel.app vercel.dev web.app webflow.io wixsite.com workers.dev`.split(
    /\s+/,
  ),
);

/** Second-level names that registries of countries sell names under: `co` in `co.uk`. */
const registryNames = new Set(
  "ac co com edu firm gen go gob gov gub id in ind ltd me mil ne net nhs nom or org plc sch web".split(" "),
);

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/**
 * The registrable domain of a host by rule of thumb, for the cookie's `Domain`; `undefined` where a cookie can only belong to the host
 * itself: an address, `localhost`, a shared host. The list of public suffixes would be exact, and is 300 KB; where the rule is wrong
 * browsers refuse the cookie, and nobody else gets it. Name the domain where that matters.
 */
export function registrableDomain(host: string): string | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
  const labels = name.split(".");
  const [top = "", second = ""] = labels.toReversed();
  if (labels.length < 2 || !labels.every((one) => label.test(one)) || /^\d+$/.test(top)) return undefined;
  const suffix = suffixLength(labels, top, second);
  return labels.length > suffix ? labels.slice(-suffix - 1).join(".") : undefined;
}

/** In labels. */
function suffixLength(labels: readonly string[], top: string, second: string): number {
  for (const length of [3, 2]) {
    if (sharedHosts.has(labels.slice(-length).join("."))) return length;
  }
  return top.length === 2 && registryNames.has(second) ? 2 : 1;
}

/** Whether a host may set a cookie for this domain. */
export function isWithin(host: string, domain: string): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
  return name === domain || name.endsWith(`.${domain}`);
}
