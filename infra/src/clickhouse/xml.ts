/** An element's content: text, children by name (a list repeats the element), `@name` for an attribute. */
export type Xml = string | number | boolean | readonly Xml[] | { readonly [name: string]: Xml };

/** Writes one document, indented by two spaces. */
export function renderXml(root: string, content: Xml): string {
  return element(root, content, "");
}

function element(name: string, content: Xml, indent: string): string {
  if (isList(content)) return content.map((item) => element(name, item, indent)).join("");
  if (typeof content !== "object") return `${indent}<${name}>${escaped(String(content))}</${name}>\n`;
  const entries = Object.entries(content);
  const attributes = entries.flatMap(([key, value]) =>
    key.startsWith("@") ? [` ${key.slice(1)}="${escaped(String(value))}"`] : [],
  );
  const children = entries.flatMap(([key, value]) => (key.startsWith("@") ? [] : [element(key, value, `${indent}  `)]));
  const open = `${indent}<${name}${attributes.join("")}`;
  return children.length === 0 ? `${open}/>\n` : `${open}>\n${children.join("")}${indent}</${name}>\n`;
}

function isList(content: Xml): content is readonly Xml[] {
  return Array.isArray(content);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
