/** A parameter that a network adds to the links it sends people out with. */
export interface ClickId {
  /** Lower case; parameter names are matched in any case. */
  parameter: string;
  /** Source name of the network. */
  network: string;
  /** `paid`: only ever on ads. The others are put on every link of their kind. */
  medium: "paid" | "social" | "organic" | "email" | "affiliate";
}

const table: Record<ClickId["medium"], Record<string, string>> = {
  paid: {
    google: "gclid gbraid wbraid dclid gclsrc",
    bing: "msclkid",
    tiktok: "ttclid",
    linkedin: "li_fat_id",
    twitter: "twclid",
    reddit: "rdt_cid",
  },
  social: { facebook: "fbclid", instagram: "igshid igsh" },
  organic: {},
  email: {},
  affiliate: {},
};

/** Every known click id, paid ones first. */
export const clickIds: readonly ClickId[] = (["paid", "social", "organic", "email", "affiliate"] as const).flatMap(
  (medium) =>
    Object.entries(table[medium]).flatMap(([network, parameters]) =>
      parameters.split(" ").map((parameter) => ({ parameter, network, medium })),
    ),
);
