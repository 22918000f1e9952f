import type { Store } from "./storage.ts";

/** Milliseconds: longer than a request may take. */
const leaseMs = 30_000;
/** Milliseconds in which another tab's write becomes visible. */
const settleMs = 50;

/**
 * Runs `work` while no other tab does. With Web Locks it waits for its turn, also after a tab that died; pages without https have none:
 * there a lease in the storage stands for it, and a tab that finds it taken does nothing and comes back later.
 *
 * @returns whether the work was done
 */
export async function exclusively(store: Store, tab: string, work: () => Promise<void>): Promise<boolean> {
  if (navigator.locks) {
    try {
      await navigator.locks.request("mm", work);
      return true;
    } catch {
      // Denied, as in a sandboxed frame: storage is, too, and there is nobody to share with.
    }
  }
  const [holder, until] = (store.get("lock") ?? "").split(" ");
  const leftMs = Number(until) - Date.now();
  if (holder !== tab && leftMs > 0 && leftMs <= leaseMs) return false;
  store.set("lock", `${tab} ${Date.now() + leaseMs}`);
  await new Promise((resolve) => setTimeout(resolve, settleMs * (1 + Math.random())));
  if (!store.get("lock")?.startsWith(tab)) return false;
  await work();
  store.remove("lock");
  return true;
}
