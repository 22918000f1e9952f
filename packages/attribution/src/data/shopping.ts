import type { HostTable } from "./table.ts";

export const shopping: HostTable = {
  amazon: "amazon.com amazon.de amazon.co.uk",
  ebay: "ebay.com ebay.de ebay.co.uk",
  etsy: "etsy.com",
};
