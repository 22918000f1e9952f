import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { ApiError } from "../http/errors.ts";
import { errorAnswers, Instant, MaybeInstant, Overlap, ProjectParams, tag } from "./schemas.ts";

const NewSecret = Type.Object({
  secret_id: Type.String(),
  secret: Type.String({ description: "Shown once. Keep it on your servers; user hashes are made with it." }),
});
const ListedSecret = Type.Object({ secret_id: Type.String(), created_at: Instant, expires_at: MaybeInstant });
const SecretParams = Type.Object({ ...ProjectParams.properties, secret_id: Type.String({ maxLength: 64 }) });
const errors = errorAnswers(400, 401, 404);

/** The secrets of verified identify; under the admin API's check of its token. */
export function identitySecretRoutes({
  controlPlane,
  identitySecrets,
  proofs,
}: Pick<Deps, "controlPlane" | "identitySecrets" | "proofs">): FastifyPluginAsyncTypebox {
  return async (app) => {
    const checkProject = async (id: string) => {
      if (!(await controlPlane.projects()).some(({ project_id }) => project_id === id))
        throw new ApiError("not_found", "No such project.");
    };

    app.post(
      "/admin/v1/projects/:id/identity-secrets",
      {
        schema: {
          ...tag("Admin", "Make a new identity secret; those before it work on for a while"),
          params: ProjectParams,
          body: Type.Object({ overlap_seconds: Overlap }),
          response: { 201: NewSecret, ...errors },
        },
      },
      async ({ params, body }, reply) => {
        await checkProject(params.id);
        const made = await identitySecrets.rotate(params.id, new Date(Date.now() + body.overlap_seconds * 1000));
        proofs.refresh();
        return reply.status(201).send(made);
      },
    );

    app.get(
      "/admin/v1/projects/:id/identity-secrets",
      {
        schema: {
          ...tag("Admin", "Identity secrets of a project, never themselves"),
          params: ProjectParams,
          response: { 200: Type.Object({ rows: Type.Array(ListedSecret) }), ...errors },
        },
      },
      async ({ params }) => {
        await checkProject(params.id);
        return { rows: await identitySecrets.list(params.id) };
      },
    );

    app.delete(
      "/admin/v1/projects/:id/identity-secrets/:secret_id",
      {
        schema: {
          ...tag("Admin", "Stop an identity secret"),
          params: SecretParams,
          response: { 204: Type.Null(), ...errors },
        },
      },
      async ({ params }, reply) => {
        await checkProject(params.id);
        if (!(await identitySecrets.revoke(params.id, params.secret_id)))
          throw new ApiError("not_found", "No such secret.");
        proofs.refresh();
        return reply.status(204).send(null);
      },
    );
  };
}
