import process from "node:process";

/** What a client with unsent events does when the process ends. */
export interface Unsent {
  /** The process has nothing else to do: send, within a bounded time. */
  finish(): Promise<void>;
  /** The process ends now: report what is lost. */
  abandon(): void;
}

const unsent = new Set<Unsent>();
let listening = false;

function onBeforeExit(): void {
  for (const client of unsent) void client.finish();
}

function onExit(): void {
  for (const client of unsent) client.abandon();
}

/**
 * Keeps book of the clients with unsent events. One pair of listeners serves all of them, and an idle client is not
 * referenced, so that it can be collected.
 */
export function setUnsent(client: Unsent, isUnsent: boolean): void {
  if (!isUnsent) {
    unsent.delete(client);
    return;
  }
  unsent.add(client);
  if (listening) return;
  listening = true;
  process.on("beforeExit", onBeforeExit);
  process.on("exit", onExit);
}
