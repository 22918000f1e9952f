export { type Channel, channels } from "./channels.ts";
export { type Attribution, classify, type Entry, isInternal } from "./classify.ts";
export { type ClickId, clickIds } from "./data/click-ids.ts";
export { campaignParameters, utmParameters } from "./parameters.ts";
export { type Confidence, orderedRules as rules, RULES_VERSION, type Rule } from "./rules.ts";
export { normalizeSource } from "./sources.ts";
