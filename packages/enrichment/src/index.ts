export { botName, tellsOfVisitor } from "./bots.ts";
export { type CountryOf, countryCode, openCountries } from "./country.ts";
export { remember } from "./remember.ts";
export { createScrubber, type Scrub } from "./scrub.ts";
export { createDeviceReader, type Device, readDevice, unknownDevice } from "./user-agent.ts";
