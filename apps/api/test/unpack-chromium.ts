import { launchOptions } from "./chromium.ts";

/** For vitest's `globalSetup`: the package unpacks its binary when it is first asked for it, and not for two at a time. */
export default async function unpackChromium(): Promise<void> {
  await launchOptions();
}
