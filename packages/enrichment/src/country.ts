import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type CountryResponse, Reader } from "mmdb-lib";

/** ISO 3166-1 alpha-2 code of an address, or an empty string. The address is neither kept nor remembered. */
export type CountryOf = (address: string) => string;

/**
 * Reads a MaxMind database (GeoLite2-Country, GeoIP2, DB-IP and others of the format) into memory, once.
 *
 * @throws Error when the file cannot be read or is no such database
 */
export function openCountries(path: string): CountryOf {
  const file = readFileSync(path);
  const reader = openReader(file, path);
  return (address) => {
    const ip = plainAddress(address);
    // The library takes a zone index for part of an address, and damaged files make it throw.
    if (isIP(ip) === 0 || ip.includes("%")) return "";
    try {
      return countryCode(reader.get(ip)?.country?.iso_code);
    } catch {
      return "";
    }
  };
}

function openReader(file: Buffer, path: string): Reader<CountryResponse> {
  try {
    return new Reader<CountryResponse>(file);
  } catch (cause) {
    throw new Error(`${path} is not a MaxMind database`, { cause });
  }
}

const mapped = "::ffff:";

/** Sockets that speak both protocols tell IPv4 addresses in IPv6 clothes. */
function plainAddress(address: string): string {
  return address.toLowerCase().startsWith(mapped) && address.includes(".") ? address.slice(mapped.length) : address;
}

/** What proxies say when they do not know, or mean Tor. */
const noCountries = new Set(["XX", "ZZ", "T1", "EU", "AP", "A1", "A2"]);

/** A country code as a proxy's header tells it (`de`, `DE`), in capitals; empty for anything else. */
export function countryCode(value: string | undefined): string {
  const code = (value ?? "").trim().toUpperCase();
  return /^[A-Z]{2}$/.test(code) && !noCountries.has(code) ? code : "";
}
