import { readFileSync } from "node:fs";

export interface RecipeBlock {
  language: "http" | "sql";
  text: string;
}

/** The runnable blocks of a page in docs/, in order. */
export function recipeBlocks(page: string): RecipeBlock[] {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
  return [...text.matchAll(/^```(http|sql)\n([\s\S]*?)^```$/gm)].map(([, language, block]) => ({
    language: language as RecipeBlock["language"],
    text: block ?? "",
  }));
}

/** `GET /path`, or `POST /path`, an empty line and a JSON body. */
export function parseHttp(text: string): { method: string; path: string; body?: unknown } {
  const [first = "", ...rest] = text.trim().split("\n");
  const [method = "", path = ""] = first.split(" ");
  const json = rest.join("\n").trim();
  return { method, path, ...(json === "" ? {} : { body: JSON.parse(json) as unknown }) };
}
