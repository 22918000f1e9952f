/** What the demo shop sells. */
export interface Coffee {
  slug: string;
  name: string;
  roast: "Espresso" | "Filter" | "Decaf";
  notes: string;
  story: string;
  /** Price of 250 g. */
  cents: number;
}

export const coffees: readonly Coffee[] = [
  {
    slug: "slow-tide",
    name: "Slow Tide",
    roast: "Espresso",
    notes: "Dark chocolate, walnut, molasses",
    story: "A patient blend for short cups. It forgives a coarse grinder and an early morning.",
    cents: 1450,
  },
  {
    slug: "paper-lantern",
    name: "Paper Lantern",
    roast: "Filter",
    notes: "Apricot, jasmine, black tea",
    story: "Washed, light and clear. Pour slowly, drink it a little cooler than you think.",
    cents: 1650,
  },
  {
    slug: "night-ferry",
    name: "Night Ferry",
    roast: "Decaf",
    notes: "Fig, brown sugar, cedar",
    story: "Everything but the caffeine, taken out with water alone. For the last crossing of the day.",
    cents: 1550,
  },
];

export const price = (cents: number) => `€ ${(cents / 100).toFixed(2)}`;
