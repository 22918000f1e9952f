import { limits } from "@millimetric/contracts";
import { fieldsOf, textOf } from "./page.ts";

const longest = 64;

/** Fields of these objects that tell of no single person or device. */
const alsoKept = {
  app: ["name", "version", "build", "namespace"],
  device: ["manufacturer", "model", "type"],
  os: ["name", "version"],
} as const;

/**
 * The part of a Segment context that is kept: where an event was made. Never `ip`, advertising ids, device ids and tokens, which
 * Segment's clients send, too; nor `traits`, which belong to the profile.
 */
export function contextOf(context: Record<string, unknown>): Record<string, unknown> {
  const library = short(context["library"], ["name", "version"]);
  const { width, height } = fieldsOf(context["screen"]);
  const kept = {
    locale: textOf(context["locale"], longest),
    timezone: textOf(context["timezone"], longest),
    screen:
      typeof width === "number" && typeof height === "number" ? `${width}x${height}`.slice(0, longest) : undefined,
    library: library?.["name"] === undefined ? undefined : library,
    user_agent: textOf(context["userAgent"], limits.text),
    ...Object.fromEntries(Object.entries(alsoKept).map(([name, fields]) => [name, short(context[name], fields)])),
  };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

function short(value: unknown, fields: readonly string[]): Record<string, string> | undefined {
  const given = fieldsOf(value);
  const found = fields.flatMap((field) => {
    const text = textOf(given[field], longest);
    return text === undefined ? [] : [[field, text] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
