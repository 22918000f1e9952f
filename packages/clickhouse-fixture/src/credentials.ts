import type { IncomingHttpHeaders } from "node:http";
import { ClickHouseException } from "./exception.ts";

export interface Credentials {
  user: string;
  password: string;
}

const refused = (message: string) => new ClickHouseException(516, "AUTHENTICATION_FAILED", message);

/** Who asks: by `Authorization: Basic`, by `X-ClickHouse-User` and `-Key`, or by `user` and `password` in the URL. */
function presented(headers: IncomingHttpHeaders, url: URLSearchParams): Credentials {
  const [scheme = "", encoded = ""] = headers.authorization?.split(" ") ?? [];
  const user = headers["x-clickhouse-user"];
  const key = headers["x-clickhouse-key"];
  if (scheme !== "") {
    if (user !== undefined || key !== undefined || url.has("user"))
      throw refused("Invalid authentication: it is not allowed to use several ways of it at once.");
    if (scheme.toLowerCase() !== "basic") throw refused(`Invalid authentication: '${scheme}' is not supported.`);
    const text = Buffer.from(encoded, "base64").toString();
    const colon = text.indexOf(":");
    return { user: colon < 0 ? text : text.slice(0, colon), password: colon < 0 ? "" : text.slice(colon + 1) };
  }
  const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
  return {
    user: first(user) ?? url.get("user") ?? "default",
    password: first(key) ?? url.get("password") ?? "",
  };
}

/** @throws ClickHouseException AUTHENTICATION_FAILED */
export function authenticate(headers: IncomingHttpHeaders, url: URLSearchParams, allowed: Credentials): void {
  const { user, password } = presented(headers, url);
  if (user === allowed.user && password === allowed.password) return;
  throw refused(`${user}: Authentication failed: password is incorrect, or there is no user with such name.`);
}
