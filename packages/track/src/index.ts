export {
  flush,
  getAnonymousId,
  identify,
  init,
  logout,
  optIn,
  optOut,
  page,
  reset,
  setAnonymousId,
  track,
} from "./default.ts";
export type { Options } from "./options.ts";
export type { Client, DefaultEvents, EventName, Events, IdentifyOptions, PropertiesArgument } from "./types.ts";
