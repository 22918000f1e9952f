import type { Options } from "./options.ts";

/** Those of `init`. There is one SDK on a page: its state lives in its modules, which costs the fewest bytes. */
export let settings: Options;

export function configure(options: Options): void {
  settings = options;
}
