import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const docs = new URL("../../../docs/", import.meta.url);

/** The TypeScript files that pages of docs/ print (```ts file.ts), as files of a folder here, with what they import beside them. */
export interface Snippets {
  folder: string;
  names: string[];
  /** A file as a module. */
  load<Module>(name: string): Promise<Module>;
  remove(): void;
}

/** Of a Next.js application only what a proxy answers with: the request's headers, changed for the page, as Next.js tells itself. */
const nextServer = `
export class NextResponse extends Response {
  static next({ request: { headers } }) {
    const response = new NextResponse(null);
    response.headers.set("x-middleware-next", "1");
    response.headers.set("x-middleware-override-headers", [...headers.keys()].join(","));
    for (const [name, value] of headers) response.headers.set("x-middleware-request-" + name, value);
    return response;
  }
}
`;
const nextServerTypes = `
export class NextRequest extends Request {}
export class NextResponse extends Response {
  static next(init: { request: { headers: Headers } }): NextResponse;
}
`;

const users = `
export async function createUser(_form: unknown): Promise<{ id: string; plan: string }> {
  return { id: "user_" + crypto.randomUUID(), plan: "pro" };
}
`;

/** What the compilers of Vue and Svelte tell TypeScript about their files. */
const components = `
declare module "*.vue" {
  const component: import("vue").Component;
  export default component;
}
declare module "*.svelte" {
  const component: import("svelte").Component;
  export default component;
}
`;

const tsconfig = {
  extends: "../../../../tsconfig.base.json",
  compilerOptions: {
    lib: ["ES2024", "DOM"],
    types: ["node"],
    jsx: "react-jsx",
    noPropertyAccessFromIndexSignature: false,
  },
  include: ["**/*.ts", "**/*.tsx"],
};

export function writeSnippets(...pages: string[]): Snippets {
  // Beside the tests, so that packages are found.
  const folder = mkdtempSync(join(dirname(fileURLToPath(import.meta.url)), ".snippets-"));
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  put("users.ts", users);
  put("components.d.ts", components);
  put("tsconfig.json", JSON.stringify(tsconfig));
  put("package.json", JSON.stringify({ type: "module" }));
  put(
    "node_modules/next/package.json",
    JSON.stringify({ name: "next", type: "module", exports: { "./server": "./server.js" } }),
  );
  put("node_modules/next/server.js", nextServer);
  put("node_modules/next/server.d.ts", nextServerTypes);
  const names: string[] = [];
  for (const page of pages) {
    const text = readFileSync(new URL(page, docs), "utf8");
    for (const [, name = "", code = ""] of text.matchAll(/^```(?:tsx?|vue|svelte|html) (\S+)\n([\s\S]*?)^```$/gm)) {
      put(name, code);
      names.push(name);
    }
  }
  return {
    folder,
    names,
    load: (name) => import(/* @vite-ignore */ join(folder, name)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
