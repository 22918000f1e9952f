import { createHmac } from "node:crypto";

/** A person as a request names them. */
export type Subject = { kind: "user"; id: string } | { kind: "visitor"; id: string };

/** Keyed hashes: what stays of ids once they are forgotten. Without KEY_PEPPER nobody can tell whose they are, nor try ids out. */
export interface Hashes {
  /** Of a user_id or anonymous_id, 32 bytes, hex. */
  person(project_id: string, subject: Subject): string;
  /** Of an event_id, 16 bytes, hex. */
  event(project_id: string, event_id: string): string;
}

export function createHashes(pepper: string): Hashes {
  const key = createHmac("sha256", pepper).update("millimetric forgotten ids").digest();
  const hash = (...parts: readonly string[]) => createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex");
  return {
    person: (project_id, { kind, id }) => hash(kind, project_id, id),
    event: (project_id, event_id) => hash("event", project_id, event_id).slice(0, 32),
  };
}
