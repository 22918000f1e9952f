import type { Options } from "./options.ts";

export interface Settings extends Options {
  host: string;
  flushIntervalMs: number;
  flushBatchSize: number;
}

/** Those of `init`. There is one SDK on a page: its state lives in its modules, which costs the fewest bytes. */
export let settings: Settings;

export function configure(options: Settings): void {
  settings = options;
}
