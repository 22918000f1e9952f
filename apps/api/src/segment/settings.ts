import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { ApiError } from "../http/errors.ts";
import { parseKey } from "../keys/api-key.ts";
import { errorAnswers, tag } from "../routes/schemas.ts";

const Params = Type.Object({ write_key: Type.String({ maxLength: 256 }) });

const Settings = Type.Object({
  integrations: Type.Object({
    "Segment.io": Type.Object({ apiKey: Type.String(), apiHost: Type.String(), protocol: Type.String() }),
  }),
  metrics: Type.Object({ sampleRate: Type.Number({ description: "0: the client sends no telemetry to Segment." }) }),
});

export const settingsSchema = {
  ...tag("Segment", "Tell Segment's browser client where to send"),
  params: Params,
  response: { 200: Settings, ...errorAnswers(404, 429) },
  security: [],
};

/** What Segment's browser client asks its `cdnURL` for before it sends. It tells back what the request says, and nothing of a project. */
export async function settings(request: FastifyRequest) {
  const { write_key } = request.params as Type.Static<typeof Params>;
  if (parseKey(write_key)?.kind !== "pk") throw new ApiError("not_found", "Browsers need a pk key.");
  const target = { apiKey: write_key, apiHost: `${request.host}/segment/v1`, protocol: request.protocol };
  return { integrations: { "Segment.io": target }, metrics: { sampleRate: 0 } };
}
