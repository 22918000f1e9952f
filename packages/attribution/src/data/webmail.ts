import type { HostTable } from "./table.ts";

export const webmail: HostTable = {
  gmail: "mail.google.com app:com.google.android.gm",
  outlook: "outlook.com outlook.live.com outlook.office.com",
  "yahoo mail": "mail.yahoo.com",
};
