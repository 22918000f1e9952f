import type { HostTable } from "./table.ts";

/** Where people are sent in the middle of a visit to pay; they come back to the visit they left. */
export const payment: HostTable = {
  stripe: "stripe.com",
  paypal: "paypal.com paypal.me",
};

/** Where people are sent in the middle of a visit to sign in. */
export const signIn: HostTable = {
  google: "accounts.google.com accounts.youtube.com",
  apple: "appleid.apple.com idmsa.apple.com",
  microsoft: "login.microsoftonline.com login.live.com login.microsoft.com login.windows.net",
};
