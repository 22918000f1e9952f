import { ClickHouseException } from "./exception.ts";

/** `session_id` and what stands beside it in a request. */
export interface SessionRequest {
  id: string;
  /** Seconds without a request after which the session is forgotten. */
  timeout: number;
  /** The session must exist. */
  check: boolean;
}

/** One request's hold on a session; another request meanwhile is refused. */
export interface Lease<Connection> {
  connection: Connection;
  /** Keeps the connection for the next request of the session. */
  release(): void;
}

/**
 * Connections that outlive a request, by session id: temporary tables and what was SET stay on them.
 * @throws ClickHouseException SESSION_NOT_FOUND, SESSION_IS_LOCKED
 */
export function createSessions<Connection extends { close(): void }>(open: () => Connection) {
  const sessions = new Map<string, { connection: Connection; locked: boolean; expiry?: NodeJS.Timeout }>();

  return function take({ id, timeout, check }: SessionRequest): Lease<Connection> {
    const known = sessions.get(id);
    if (known === undefined && check) throw new ClickHouseException(372, "SESSION_NOT_FOUND", "Session not found.");
    if (known?.locked) throw new ClickHouseException(373, "SESSION_IS_LOCKED", `Session ${id} is locked by a request.`);
    const session = known ?? { connection: open(), locked: false };
    clearTimeout(session.expiry);
    session.locked = true;
    sessions.set(id, session);
    return {
      connection: session.connection,
      release() {
        session.locked = false;
        session.expiry = setTimeout(() => {
          sessions.delete(id);
          session.connection.close();
        }, timeout * 1000);
      },
    };
  };
}
