import { type BrowserScript, makeScript } from "../browser-script/script.ts";

/** The tag that loads one version of the browser SDK, and no other, from a platform at `url`. */
export function scriptTag(url: string, { version, integrity }: BrowserScript, key: string): string {
  const address = `${url.replace(/\/+$/, "")}/v1/a.${version}.js`;
  return `<script async src="${address}"\n  integrity="${integrity}"\n  crossorigin="anonymous" data-key="${key}"></script>`;
}

/** The tag for the version that the platform serves now. @throws Error when it does not answer */
export async function scriptTagOf(url: string, key: string): Promise<string> {
  const answer = await fetch(`${url.replace(/\/+$/, "")}/v1/a.js`);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status} when asked for its script`);
  return scriptTag(url, await makeScript(await answer.text()), key);
}
