/** The admin API refused, or could not be reached. */
export class AdminError extends Error {
  /** True when nothing answers at that address. */
  readonly unreachable: boolean;
  constructor(message: string, unreachable: boolean) {
    super(message);
    this.unreachable = unreachable;
  }
}

export type AdminClient = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Calls the admin API of the platform at `url`; answers what it answered. @throws AdminError */
export function createAdminClient(url: string, token: string): AdminClient {
  return async (method, path, body) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(new URL(path, url), init).catch(() => {
      throw new AdminError(`nothing answers at ${url}; is it running? Say where with --url or MILLIMETRIC_URL`, true);
    });
    const text = await response.text();
    const answer: unknown = text.startsWith("{") ? JSON.parse(text) : undefined;
    if (response.ok) return answer;
    const { error, message } = { error: `status ${response.status}`, message: "", ...(answer ?? {}) };
    throw new AdminError(`${error}: ${message}`, false);
  };
}
