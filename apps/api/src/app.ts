import { randomUUID } from "node:crypto";
import cors from "@fastify/cors";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { ClickHouse } from "@millimetric/clickhouse";
import { limits } from "@millimetric/contracts";
import Fastify, { type FastifyInstance } from "fastify";
import type { ForgetRequest } from "./forget/accept.ts";
import type { Forgotten } from "./forget/forgotten.ts";
import type { ForgetRecord } from "./forget/journal.ts";
import { answerError, handleErrors } from "./http/errors.ts";
import { limitRequests, type RequestLimits } from "./http/limits.ts";
import { observeRequests } from "./http/observing.ts";
import { validatorCompiler } from "./http/validation.ts";
import type { DeadLetters } from "./ingest/dead-letters.ts";
import type { Enrichment } from "./ingest/enrichment.ts";
import type { GroupCommit } from "./ingest/group-commit.ts";
import type { Intake } from "./ingest/intake.ts";
import type { Ledger } from "./ingest/ledger.ts";
import type { ControlPlane } from "./keys/control-plane.ts";
import type { IdentitySecrets } from "./keys/identity-secrets.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import type { UserProofs } from "./keys/user-proof.ts";
import type { Metrics } from "./metrics.ts";
import type { Readiness } from "./readiness.ts";
import { adminRoutes } from "./routes/admin.ts";
import { browserScriptRoutes } from "./routes/browser-script.ts";
import { exportRoutes } from "./routes/export.ts";
import { forgetRoutes } from "./routes/forget.ts";
import { ingestRoutes } from "./routes/ingest.ts";
import { readRoutes } from "./routes/reads.ts";
import { systemRoutes } from "./routes/system.ts";
import { segmentRoutes } from "./segment/routes.ts";

/** What the routes need; made in `platform.ts`. */
export interface Deps {
  clickhouse: ClickHouse;
  controlPlane: ControlPlane;
  keys: KeyRing;
  identitySecrets: IdentitySecrets;
  proofs: UserProofs;
  commit: GroupCommit;
  intake: Intake;
  enrich: Enrichment;
  ledger: Ledger;
  deadLetters: DeadLetters;
  metrics: Metrics;
  readiness: Readiness;
  forgotten: Forgotten;
  /** Resolves when no read shows the person any more. */
  forget(request: ForgetRequest): Promise<ForgetRecord>;
  adminToken: string;
}

export interface AppOptions {
  logLevel: string;
  trustProxy: boolean;
  limits: RequestLimits;
}

/** The HTTP application; `listen` and `close` are the caller's. */
export async function buildApp(
  deps: Deps,
  { logLevel, trustProxy, limits: requestLimits }: AppOptions,
): Promise<FastifyInstance> {
  const app = Fastify({
    // Neither keys, bodies nor addresses: only what was asked and how it went.
    logger: {
      level: logLevel,
      serializers: { req: ({ method, routeOptions }) => ({ method, route: routeOptions?.url ?? "unknown" }) },
    },
    trustProxy,
    // Not counted: an answer would tell how busy everybody is.
    genReqId: () => randomUUID(),
    // A logger for each request costs as much as reading its event: only where each request has lines of its own.
    ...(["info", "debug", "trace"].includes(logLevel) ? {} : { childLoggerFactory: (logger) => logger }),
    bodyLimit: limits.bodyBytes,
    // An address that cannot be read.
    frameworkErrors: (error, request, reply) => void answerError(error, request as never, reply as never),
    routerOptions: { maxParamLength: 1024 },
    // Milliseconds: slow senders are cut off, idle connections outlive a load balancer's 60 s.
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    connectionTimeout: 60_000,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.decorateRequest("caller");
  handleErrors(app);
  observeRequests(app as unknown as FastifyInstance, deps.metrics);

  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Millimetric",
        version: "1",
        description: "Analytics and attribution API.",
        license: { name: "MIT" },
      },
      components: {
        securitySchemes: { key: { type: "http", scheme: "bearer" }, basic: { type: "http", scheme: "basic" } },
      },
      security: [{ key: [] }],
    },
  });
  await app.register(cors, {
    origin(origin, answer) {
      if (origin === undefined) answer(null, false);
      else
        deps.keys.allowsOrigin(origin).then(
          (allowed) => answer(null, allowed),
          (error) => answer(error, false),
        );
    },
    methods: ["POST"],
    // The last one is of Segment's browser client.
    allowedHeaders: ["authorization", "content-type", "x-retry-count"],
    exposedHeaders: ["retry-after"],
    // Seconds; browsers cap it themselves.
    maxAge: 86_400,
  });
  // After CORS, so that a page of another origin can read when to try again.
  limitRequests(app as unknown as FastifyInstance, requestLimits);
  await app.register(systemRoutes(deps));
  await app.register(browserScriptRoutes());
  await app.register(adminRoutes(deps));
  await app.register(ingestRoutes(deps, requestLimits));
  await app.register(segmentRoutes(deps, requestLimits));
  await app.register(readRoutes(deps));
  await app.register(forgetRoutes(deps));
  await app.register(exportRoutes(deps));
  return app as unknown as FastifyInstance;
}
