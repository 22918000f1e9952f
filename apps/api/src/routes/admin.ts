import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { migrationStatus } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { applyRetention } from "../forget/retention.ts";
import { bearer } from "../http/auth.ts";
import { ApiError } from "../http/errors.ts";
import { environments, keyKinds, sameSecret } from "../keys/api-key.ts";
import type { KeyRecord } from "../keys/control-plane.ts";
import { identitySecretRoutes } from "./identity-secrets.ts";
import { errorAnswers, Instant, MaybeInstant, Overlap, ProjectParams, tag } from "./schemas.ts";

const Origin = Type.String({
  maxLength: 300,
  pattern: "^https?://(\\*\\.)?[A-Za-z0-9.-]+(:\\d{1,5})?$|^https?://\\[[0-9a-fA-F:]+\\](:\\d{1,5})?$",
  description: "Scheme, host and port of a site, or `https://*.example.com`.",
});
const Origins = Type.Array(Origin, { maxItems: 100 });
const Name = Type.String({ minLength: 1, maxLength: 200 });
const Settings = Type.Object(
  {
    scrub_params: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
        maxItems: 200,
        description: "Parameters to cut from stored URLs, beside the usual ones.",
      }),
    ),
    retention_days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 36_500, description: "Events older than this are removed, once a day." }),
    ),
    verified_identify: Type.Optional(
      Type.Boolean({
        description: "With a pk key, user_id needs its user_hash. Make an identity secret first.",
      }),
    ),
  },
  { additionalProperties: true },
);

const Project = Type.Object({
  project_id: Type.String(),
  name: Type.String(),
  allowed_origins: Type.Array(Type.String()),
  settings: Settings,
  created_at: Instant,
});

const Kind = Type.Enum([...keyKinds]);
const Env = Type.Enum([...environments]);
const NewKey = Type.Object({ key: Type.String({ description: "Shown once." }), prefix: Type.String() });
const ListedKey = Type.Object({
  prefix: Type.String(),
  project_id: Type.String(),
  kind: Kind,
  env: Env,
  label: Type.String(),
  created_at: Instant,
  expires_at: MaybeInstant,
  last_used_at: MaybeInstant,
});

const Expired = Type.Object({
  project_id: Type.String(),
  cutoff: Instant,
  removed: Type.Integer({ description: "Events." }),
});

const Migration = Type.Object({
  name: Type.String(),
  state: Type.Enum(["applied", "partial", "pending", "changed", "unknown"]),
  applied_at: MaybeInstant,
});

const KeyParams = Type.Object({ ...ProjectParams.properties, prefix: Type.String({ maxLength: 8 }) });
const errors = errorAnswers(400, 401, 404);

/** Projects and keys, for the holder of ADMIN_TOKEN. */
export function adminRoutes(deps: Deps): FastifyPluginAsyncTypebox {
  const { clickhouse, controlPlane, identitySecrets, keys, adminToken } = deps;

  const projectOf = async (id: string) => {
    const project = (await controlPlane.projects()).find(({ project_id }) => project_id === id);
    if (project === undefined) throw new ApiError("not_found", "No such project.");
    return project;
  };

  const liveKey = async ({ id, prefix }: { id: string; prefix: string }): Promise<KeyRecord> => {
    const record = await controlPlane.key(prefix);
    const over = record?.expires_at != null && Date.parse(record.expires_at) <= Date.now();
    if (record === undefined || record.project_id !== id || over) throw new ApiError("not_found", "No such key.");
    return record;
  };

  return async (app) => {
    app.addHook("onRequest", async (request) => {
      const token = bearer(request);
      if (token === undefined)
        throw new ApiError("missing_bearer_token", "Send Authorization: Bearer with ADMIN_TOKEN.");
      if (!sameSecret(token, adminToken)) throw new ApiError("invalid_api_key", "This is not ADMIN_TOKEN.");
    });

    await app.register(identitySecretRoutes(deps));

    app.post(
      "/admin/v1/projects",
      {
        schema: {
          ...tag("Admin", "Make a project and its first keys"),
          body: Type.Object({ name: Name, allowed_origins: Type.Optional(Origins) }),
          response: {
            201: Type.Object({
              project_id: Type.String(),
              keys: Type.Object({ pk: Type.String(), sk: Type.String(), rk: Type.String() }),
            }),
            ...errors,
          },
        },
      },
      async ({ body }, reply) => {
        const project = await controlPlane.createProject({
          name: body.name,
          allowed_origins: body.allowed_origins ?? [],
        });
        const { project_id } = project;
        const make = async (kind: "pk" | "sk" | "rk") =>
          (await controlPlane.createKey({ project_id, kind, env: "live", label: "first" })).key;
        const made = { pk: await make("pk"), sk: await make("sk"), rk: await make("rk") };
        keys.refresh();
        return reply.status(201).send({ project_id, keys: made });
      },
    );

    app.get(
      "/admin/v1/projects",
      {
        schema: {
          ...tag("Admin", "All projects"),
          response: { 200: Type.Object({ rows: Type.Array(Project) }), ...errors },
        },
      },
      async () => ({ rows: await controlPlane.projects() }),
    );

    app.post(
      "/admin/v1/retention",
      {
        schema: {
          ...tag("Admin", "Remove what is older than its project keeps it, now and not only once a day"),
          response: { 200: Type.Object({ rows: Type.Array(Expired) }), ...errors },
        },
      },
      async () => ({ rows: await applyRetention(clickhouse, controlPlane, new Date()) }),
    );

    app.get(
      "/admin/v1/migrations",
      {
        schema: {
          ...tag("Admin", "State of each schema migration"),
          response: { 200: Type.Object({ rows: Type.Array(Migration) }), ...errors },
        },
      },
      async () => ({ rows: await migrationStatus(clickhouse) }),
    );

    app.patch(
      "/admin/v1/projects/:id",
      {
        schema: {
          ...tag("Admin", "Change a project"),
          params: ProjectParams,
          body: Type.Object({
            name: Type.Optional(Name),
            allowed_origins: Type.Optional(Origins),
            settings: Type.Optional(Settings),
          }),
          response: { 200: Project, ...errors },
        },
      },
      async ({ params, body }) => {
        if (body.settings?.verified_identify === true && (await identitySecrets.working(params.id)).length === 0)
          throw new ApiError("invalid_payload", "Make an identity secret before identities are verified with it.");
        const project = await controlPlane.changeProject(params.id, body);
        if (project === undefined) throw new ApiError("not_found", "No such project.");
        keys.refresh();
        return project;
      },
    );

    app.post(
      "/admin/v1/projects/:id/keys",
      {
        schema: {
          ...tag("Admin", "Make a key"),
          params: ProjectParams,
          body: Type.Object({
            kind: Kind,
            env: Type.Optional(Env),
            label: Type.Optional(Type.String({ maxLength: 200 })),
          }),
          response: { 201: NewKey, ...errors },
        },
      },
      async ({ params, body }, reply) => {
        const { project_id } = await projectOf(params.id);
        const { kind, env = "live", label = "" } = body;
        const made = await controlPlane.createKey({ project_id, kind, env, label });
        keys.refresh();
        return reply.status(201).send(made);
      },
    );

    app.get(
      "/admin/v1/projects/:id/keys",
      {
        schema: {
          ...tag("Admin", "Keys of a project, never their secrets"),
          params: ProjectParams,
          response: { 200: Type.Object({ rows: Type.Array(ListedKey) }), ...errors },
        },
      },
      async ({ params }) => {
        const { project_id } = await projectOf(params.id);
        return { rows: await controlPlane.keys(project_id) };
      },
    );

    app.post(
      "/admin/v1/projects/:id/keys/:prefix/rotate",
      {
        schema: {
          ...tag("Admin", "Replace a key; the old one works on for a while"),
          params: KeyParams,
          body: Type.Object({ overlap_seconds: Overlap }),
          response: { 201: NewKey, ...errors },
        },
      },
      async ({ params, body }, reply) => {
        const old = await liveKey(params);
        const { project_id, kind, env, label } = old;
        const made = await controlPlane.createKey({ project_id, kind, env, label });
        await controlPlane.expireKey(old, new Date(Date.now() + body.overlap_seconds * 1000));
        keys.refresh();
        return reply.status(201).send(made);
      },
    );

    app.delete(
      "/admin/v1/projects/:id/keys/:prefix",
      { schema: { ...tag("Admin", "Revoke a key"), params: KeyParams, response: { 204: Type.Null(), ...errors } } },
      async ({ params }, reply) => {
        await controlPlane.expireKey(await liveKey(params), new Date());
        keys.refresh();
        return reply.status(204).send(null);
      },
    );
  };
}
