import Schema from "typebox/schema";

interface Operation {
  responses: Record<string, { content?: { "application/json"?: { schema: object } } }>;
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

/** What is wrong with an answer, measured against the document that /openapi.json serves; undefined when nothing is. */
export function createContract({ paths }: OpenApi) {
  const routes = Object.entries(paths).map(([template, operations]) => ({
    pattern: new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+")}$`),
    operations,
  }));
  const compiled = new Map<object, ReturnType<typeof Schema.Compile>>();

  return (method: string, path: string, status: number, body: unknown): string | undefined => {
    const { pathname } = new URL(path, "http://localhost");
    const route = routes.find(({ pattern }) => pattern.test(pathname));
    const operation = route?.operations[method.toLowerCase()];
    if (operation === undefined) return undefined;
    const documented = operation.responses[String(status)];
    if (documented === undefined) return `${method} ${path} answered ${status}, which is not documented`;
    const schema = documented.content?.["application/json"]?.schema;
    if (schema === undefined || typeof body === "string") return undefined;
    const validator = compiled.get(schema) ?? Schema.Compile(schema);
    compiled.set(schema, validator);
    if (validator.Check(body)) return undefined;
    const [, errors] = validator.Errors(body);
    return `${method} ${path} answered ${status} with another shape: ${JSON.stringify(errors.slice(0, 3))}`;
  };
}
