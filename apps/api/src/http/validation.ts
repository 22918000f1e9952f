import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import Value from "typebox/value";

/**
 * Checks requests against their schema: absent fields take their default, and the text of an address becomes the number or
 * boolean it stands for (a body is taken as it is).
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const shape = Compile(schema);
  return (input: unknown) => {
    const value = Value.Default(schema, httpPart === "body" ? input : Value.Convert(schema, input));
    if (shape.Check(value)) return { value };
    const problems = [...shape.Errors(value)].slice(0, 5);
    // What fastify makes a validation error of.
    return { error: problems.map(({ instancePath, message }) => ({ instancePath, message })) as never };
  };
};
