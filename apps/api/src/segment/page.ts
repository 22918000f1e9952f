import { campaignParameters } from "@millimetric/attribution";
import { limits } from "@millimetric/contracts";

/** Where something happened, as the columns of an event say it; what is unknown is absent. */
export interface Place {
  url?: string;
  path?: string;
  referrer?: string;
  title?: string;
}

type Fields = Record<string, unknown>;

/** Text, cut to length, or `undefined`: a client cannot mend a title that is too long, so it must not cost the event. */
export function textOf(value: unknown, maxLength: number = limits.text): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, maxLength).toWellFormed() : undefined;
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** Reads `context.page`, or the properties of a page call, and `context.campaign`. */
export function placeOf(page: Fields, campaign: Fields): Place {
  const said = textOf(page["url"]);
  const url = withCampaign(said !== undefined && URL.canParse(said) ? said : undefined, campaign);
  // A server often calls a path "url".
  const path = textOf(page["path"]) ?? (said?.startsWith("/") ? said : undefined);
  const place = { url, path, referrer: textOf(page["referrer"]), title: textOf(page["title"]) };
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
}

/**
 * The url with the campaign in it, where every reader of campaigns looks for it, also when newer rules look again. A campaign
 * without an address gets one of the scheme `segment`, which has no host and no path.
 */
function withCampaign(url: string | undefined, campaign: Fields): string | undefined {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(campaign)) {
    const text = textOf(value, 256);
    if (text !== undefined && /^[a-z_]{1,40}$/.test(name))
      parameters.set(`utm_${name === "name" ? "campaign" : name}`, text);
  }
  if (parameters.size === 0) return url;
  if (url === undefined) return fitting(`segment:?${parameters}`);
  if (Object.keys(campaignParameters(url)).some((name) => name.startsWith("utm_"))) return url;
  const whole = new URL(url);
  whole.search += `${whole.search === "" ? "" : "&"}${parameters}`;
  return fitting(whole.href) ?? url;
}

const fitting = (url: string) => (url.length <= limits.text ? url : undefined);
