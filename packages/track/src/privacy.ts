import type { Store } from "./storage.ts";

/** Global Privacy Control and Do Not Track, which some browsers have under other names. */
interface Signals {
  globalPrivacyControl?: boolean;
  doNotTrack?: string | null;
}

const asksFor = ({ globalPrivacyControl, doNotTrack }: Signals) =>
  globalPrivacyControl === true || doNotTrack === "1" || doNotTrack === "yes";

/** Whether the browser asks not to be followed. */
export const isSignalled = (): boolean => asksFor(navigator as Signals) || asksFor(window as Signals);

export const isOptedOut = (store: Store): boolean => store.get("out") === "1";
