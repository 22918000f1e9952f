import { bornAt } from "./ids.ts";
import { rename } from "./queue.ts";

/** Milliseconds: ids born within it were made by tabs that did not know of each other. */
const togetherMs = 1_000;

/**
 * Tabs that a new visitor opens at once each make a visitor and a session, and overwrite each other's. All of them take the oldest: as
 * soon as a tab sees another's, it writes the older one into its own events, and `keep`s it for the others. What a storage event calls the
 * old value does not help: where tabs write at once it is what the writer believed.
 */
export function agree(mine: string, theirs: string, keep: (id: string) => void): string {
  if (mine === theirs || !mine[35] || !(Math.abs(bornAt(mine) - bornAt(theirs)) < togetherMs)) return theirs;
  const older = mine < theirs ? mine : theirs;
  rename(mine, older);
  keep(older);
  return older;
}
