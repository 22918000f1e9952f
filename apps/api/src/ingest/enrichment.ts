import {
  type CountryOf,
  countryCode,
  createScrubber,
  openCountries,
  remember,
  type Scrub,
  tellsOfVisitor,
} from "@millimetric/enrichment";
import type { FastifyRequest } from "fastify";
import type { Project } from "../keys/control-plane.ts";
import type { Envelope } from "./event-row.ts";
import type { Delivery } from "./vouching.ts";

export interface EnrichmentOptions {
  /** Path of a MaxMind database. */
  geoipDb?: string;
  /** Lower-case name of a header in which a trusted proxy tells the country. */
  countryHeader?: string;
  /** Names of parameters to cut from urls beside the usual ones, for every project. */
  scrubParams: readonly string[];
}

/** What a request tells beside its events. */
export type Enrichment = (request: FastifyRequest) => Pick<Envelope, "userAgent" | "country" | "scrub">;

/** What is known of the events of a request before they are read. */
export function envelopeOf(request: FastifyRequest, enrich: Enrichment): Delivery {
  const { project_id, env, prefix, kind, project } = request.caller;
  return {
    project_id,
    env,
    key_prefix: prefix,
    fromPublicKey: kind === "pk",
    verifiesIdentify: verifiesIdentify(project),
    receivedAt: Date.now(),
    ...enrich(request),
  };
}

/** Whether a public key alone may say who a visitor is. */
export const verifiesIdentify = ({ settings }: Project): boolean => settings["verified_identify"] === true;

/** @throws Error when the database cannot be read */
export function createEnrichment({ geoipDb, countryHeader, scrubParams }: EnrichmentOptions): Enrichment {
  const countryOf: CountryOf = geoipDb === undefined ? () => "" : openCountries(geoipDb);
  // By the settings themselves: the key ring reads them anew every few seconds.
  const scrubbers = new WeakMap<Project["settings"], Scrub>();

  function scrubberOf({ settings }: Project): Scrub {
    const known = scrubbers.get(settings);
    if (known !== undefined) return known;
    const scrub = createScrubber([...scrubParams, ...namesIn(settings["scrub_params"])]);
    const recall = remember(scrub, remembered.addresses);
    const made = (address: string) => (address.length > remembered.characters ? scrub(address) : recall(address));
    scrubbers.set(settings, made);
    return made;
  }

  return ({ caller, headers, ip }) => {
    const agent = headers["user-agent"] ?? "";
    const userAgent = tellsOfVisitor(agent) ? agent : undefined;
    // The address of somebody's server is not where a visitor is.
    const isVisitors = caller.kind === "pk" || userAgent !== undefined;
    const told = countryHeader === undefined ? undefined : headers[countryHeader];
    const country = isVisitors ? countryCode([told].flat()[0]) || countryOf(ip) : "";
    return { userAgent, country, scrub: scrubberOf(caller.project) };
  };
}

function namesIn(setting: unknown): string[] {
  return Array.isArray(setting) ? setting.filter((name) => typeof name === "string") : [];
}

/** Of each project, until its settings are read anew. */
const remembered = { addresses: 500, characters: 512 };

const addresses = ["url", "referrer", "path"] as const;

/** The event with what must not be kept cut from its addresses; anything that is no event is left as it is. */
export function scrubEvent(event: unknown, scrub: Scrub): unknown {
  if (typeof event !== "object" || event === null) return event;
  const given = event as Record<string, unknown>;
  let clean = given;
  for (const field of addresses) {
    const value = given[field];
    if (typeof value !== "string") continue;
    const kept = scrub(value);
    if (kept !== value) clean = { ...clean, [field]: kept };
  }
  return clean;
}
