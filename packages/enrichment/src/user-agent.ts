import { UAParser } from "ua-parser-js";
import { botName } from "./bots.ts";
import { remember } from "./remember.ts";

/** What a user agent tells; an empty string is not known. */
export interface Device {
  device_type: "desktop" | "mobile" | "tablet" | "tv" | "console" | "wearable" | "embedded" | "";
  /** Name without version: `Chrome`, `Safari`, `Firefox`, `Edge`, `Instagram` (the web-view of its app). */
  browser: string;
  /** Name without version: `Windows`, `macOS`, `iOS`, `Android`, `Linux`, `ChromeOS`. */
  os: string;
  is_bot: boolean;
  /** `user_agent:` and the name the bot gives itself, empty for people. */
  bot_reason: string;
}

export const unknownDevice: Device = { device_type: "", browser: "", os: "", is_bot: false, bot_reason: "" };

/** Code units; what lies beyond is ignored, so work per user agent is bounded. */
const longestUserAgent = 512;

/** Reads a user agent. Pure; never throws. About 20 µs, see `createDeviceReader`. */
export function readDevice(userAgent: string): Device {
  const text = userAgent.slice(0, longestUserAgent).trim();
  if (text === "") return unknownDevice;
  const { browser, os, device } = new UAParser(text).getResult();
  const bot = botName(text);
  const system = os.name === undefined ? "" : (systems[os.name] ?? (linuxes.has(os.name) ? "Linux" : os.name));
  return {
    device_type: deviceTypes[device.type ?? ""] ?? (desktops.has(system) ? "desktop" : ""),
    browser: browser.name === undefined ? "" : (browsers[browser.name] ?? browser.name),
    os: system,
    is_bot: bot !== undefined,
    bot_reason: bot === undefined ? "" : `user_agent:${bot}`,
  };
}

/** `readDevice` that remembers: the same few user agents send most events. */
export function createDeviceReader(size = 2000): (userAgent: string) => Device {
  const read = remember(readDevice, size);
  return (userAgent) => read(userAgent.slice(0, longestUserAgent));
}

const deviceTypes: Readonly<Record<string, Device["device_type"]>> = {
  mobile: "mobile",
  tablet: "tablet",
  smarttv: "tv",
  console: "console",
  wearable: "wearable",
  embedded: "embedded",
};

const browsers: Readonly<Record<string, string>> = {
  "Mobile Safari": "Safari",
  "Mobile Chrome": "Chrome",
  "Mobile Firefox": "Firefox",
  "Chrome Headless": "Chrome",
  "Chrome WebView": "Chrome",
  "Android Browser": "Android",
  "Opera Mobi": "Opera",
  "Opera Tablet": "Opera",
};

const systems: Readonly<Record<string, string>> = {
  "Mac OS": "macOS",
  "Chromium OS": "ChromeOS",
  "Chrome OS": "ChromeOS",
};

const linuxes = new Set(
  "Ubuntu Debian Fedora Mint CentOS Arch Gentoo SUSE RedHat Manjaro Mandriva Slackware PCLinuxOS GNU".split(" "),
);

const desktops = new Set(["Windows", "macOS", "Linux", "ChromeOS", "FreeBSD", "OpenBSD", "NetBSD", "Solaris"]);
