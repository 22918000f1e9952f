/** The parts of an OpenAPI document that a walk over all of its calls needs. */
export interface Walkable {
  paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Schema;
}

interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

/** One documented call. */
export interface Call extends Operation {
  method: string;
  template: string;
}

export function callsOf({ paths }: Walkable): Call[] {
  return Object.entries(paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), template })),
  );
}

/** What to put into the field of this name where a text fits; `undefined` leaves an optional one out. */
export type Fill = (name: string) => string | undefined;

export interface Request {
  method: string;
  path: string;
  body?: unknown;
}

/** A request of this call with every text filled in; `only: "required"` leaves out what may be left out. */
export function requestOf(
  call: Call,
  fill: Fill,
  only: "required" | "all",
  smuggled: Record<string, string> = {},
): Request {
  const { method, template, parameters = [], requestBody } = call;
  let path = template;
  const query = new URLSearchParams(smuggled);
  for (const { name, in: place, required = false, schema } of parameters) {
    const needed = required && schema.default === undefined;
    if (place === "header" || (!needed && only === "required")) continue;
    const value = sample(name, schema, fill);
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(String(value ?? "x")));
    else if (value !== undefined) query.set(name, String(Array.isArray(value) ? value[0] : value));
  }
  const text = query.toString();
  const url = text === "" ? path : `${path}?${text}`;
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema;
  if (schema === undefined) return { method, path: url };
  const body = sample("body", schema, fill, only);
  return { method, path: url, body: { ...(body as object), ...smuggled } };
}

/** Names of the texts that this call takes, where any text is of the right shape. */
export function textsOf({ parameters = [], requestBody }: Call): string[] {
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  return [
    ...new Set([
      ...parameters.flatMap(({ name, schema }) => textNames(name, schema)),
      ...(body === undefined ? [] : textNames("body", body)),
    ]),
  ];
}

function textNames(name: string, schema: Schema): string[] {
  const { anyOf, items, properties, type, enum: values } = schema;
  if (anyOf !== undefined) return anyOf.flatMap((one) => textNames(name, one));
  if (properties !== undefined) return Object.entries(properties).flatMap(([key, one]) => textNames(key, one));
  if (items !== undefined) return textNames(name, items);
  return type === "string" && values === undefined ? [name] : [];
}

function sample(name: string, schema: Schema, fill: Fill, only: "required" | "all" = "all"): unknown {
  const { anyOf, enum: values, items, properties, required = [], type, minimum } = schema;
  if (schema.const !== undefined) return schema.const;
  if (values !== undefined) return fill(`enum ${name}`) ?? schema.default ?? values[0];
  if (anyOf !== undefined) return sample(name, anyOf.find((one) => one.type !== "null") ?? {}, fill, only);
  if (type === "array") return [sample(name, items ?? {}, fill, only)];
  if (type === "object") {
    const fields = Object.entries(properties ?? {}).flatMap(([key, one]) => {
      if (only === "required" && !required.includes(key)) return [];
      const value = sample(key, one, fill, only);
      return value === undefined ? [] : [[key, value] as const];
    });
    return Object.fromEntries(fields);
  }
  if (type === "string") return fill(name);
  if (type === "boolean") return schema.default ?? true;
  if (type === "integer" || type === "number") return schema.default ?? minimum ?? 1;
  return {};
}
