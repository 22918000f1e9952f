/** Every error code the API answers, with its HTTP status and what it means. Codes are stable. */
export const errorCodes = {
  invalid_payload: { status: 400, meaning: "The body does not have the documented shape." },
  invalid_json: { status: 400, meaning: "The body is not JSON, or cannot be decoded." },
  invalid_id: { status: 400, meaning: "An id is an accident (empty, `undefined`, all zeros, …), not an identity." },
  missing_identity: { status: 400, meaning: "An event needs `anonymous_id`, `user_id` or both." },
  invalid_params: { status: 400, meaning: "A path or query parameter is not acceptable." },
  missing_bearer_token: { status: 401, meaning: "No `Authorization: Bearer …` header." },
  malformed_api_key: { status: 401, meaning: "The key does not have the form kind_env_prefix_secret." },
  invalid_api_key: { status: 401, meaning: "No such key, or it was revoked." },
  origin_not_allowed: { status: 403, meaning: "A pk key needs an `Origin` on the project's allow-list." },
  insufficient_scope: { status: 403, meaning: "This kind of key may not make this call." },
  identity_not_verified: {
    status: 403,
    meaning: "This project verifies identities: with a pk key, `user_id` needs its `user_hash`.",
  },
  forget_requires_secret_key: { status: 403, meaning: "Only an sk key may forget a person." },
  not_found: { status: 404, meaning: "No such route or thing." },
  payload_too_large: { status: 413, meaning: "The body is over the limit, before or after decompression." },
  rate_limited: { status: 429, meaning: "Too many requests; `Retry-After` says when to come back." },
  internal_error: { status: 500, meaning: "Something broke on our side; quote `request_id`." },
  overloaded: { status: 503, meaning: "No room to take this durably now; `Retry-After` says when to come back." },
  upstream_unavailable: { status: 503, meaning: "ClickHouse does not answer, or the query hit its limits." },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof errorCodes;
