import { campaignParameters, classify, RULES_VERSION } from "@millimetric/attribution";
import { remember } from "@millimetric/enrichment";
import { landingColumns } from "./row-line.ts";

/** What the addresses of an event tell; nothing else of it matters here. */
export interface Landing {
  /** Whether the url is one, or there is none. */
  isUrl: boolean;
  /** Of the url; empty when there is none. */
  path: string;
  /** The campaign parameters of the url. */
  campaign: Readonly<Record<string, string>>;
  /** The values of `landingColumns`: the inside of a JSON array. */
  values: string;
}

/** Most events come from the same few pages. Longer addresses are read anew each time, so that memory is bounded. */
const remembered = { addresses: 2_000, characters: 512 };

/** Reads the addresses of events, and remembers what it read. */
export function createLandingReader(): (url: string, referrer: string) => Landing {
  // The length says where the url ends.
  const read = remember((key: string) => {
    const start = key.indexOf(" ") + 1;
    const end = start + Number(key.slice(0, start));
    return landingOf(key.slice(start, end), key.slice(end));
  }, remembered.addresses);
  return (url, referrer) =>
    url.length + referrer.length > remembered.characters
      ? landingOf(url, referrer)
      : read(`${url.length} ${url}${referrer}`);
}

function landingOf(url: string, referrer: string): Landing {
  const { confidence, rule_id, ...origin } = classify({ url, referrer });
  const parsed = url === "" ? undefined : URL.parse(url);
  const row = {
    ...origin,
    source_confidence: confidence,
    source_rule_id: rule_id,
    rules_version: RULES_VERSION,
    url,
    referrer,
  };
  return {
    isUrl: parsed !== null,
    path: parsed?.pathname ?? "",
    campaign: campaignParameters(url),
    values: JSON.stringify(landingColumns.map((column) => row[column])).slice(1, -1),
  };
}
