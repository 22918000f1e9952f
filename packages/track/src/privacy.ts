import { settings } from "./settings.ts";
import * as store from "./storage.ts";

/** Global Privacy Control and Do Not Track. */
interface Signals {
  globalPrivacyControl?: boolean;
  doNotTrack?: string | null;
}

/** Holds the wish not to be followed. */
export const optOutName = "mm_out";

/** Whether nothing may be sent, and nothing kept. */
export function isBlocked(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Signals;
  const isSignalled = globalPrivacyControl || doNotTrack === "1";
  return (settings.respectPrivacySignals !== false && isSignalled) || !!store.get(optOutName);
}
