import { api, type Call, call, init } from "./default.ts";
import type { Options } from "./options.ts";

// `<script async src="https://analytics.example.com/v1/a.js" data-key="pk_…">`: starts by itself, as the global `mm`. Calls made before
// it is loaded wait in an array there: `(window.mm = window.mm || []).push(["track", "signup", { plan: "pro" }])`.

interface Page {
  mm?: Call[] | { push: unknown; init?: unknown };
}

const page = window as unknown as Page;
const script = document.currentScript as HTMLScriptElement | null;

/** Of the `data-` attributes: `data-auto-pageview="false"` is `autoPageview: false`. */
function optionsOf({ dataset, src }: HTMLScriptElement): Options {
  const options: Record<string, unknown> = { host: src.replace(/\/v1\/a\.(\w+\.)?js.*|\/[^/]*$/, "") };
  for (const name in dataset) {
    const value = dataset[name] as string;
    options[name] = /^(true|false|\d+)$/.test(value) ? JSON.parse(value) : value;
  }
  return options as unknown as Options;
}

const waiting = page.mm;
// A page that has the script twice has one SDK.
if (!waiting || Array.isArray(waiting)) {
  const push = (...calls: Call[]) => void calls.map((one) => call(...one));
  page.mm = { ...api, init, push };
  if (script?.dataset["key"]) init(optionsOf(script));
  push(...(waiting ?? []));
}
