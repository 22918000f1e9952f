/**
 * Runs `work` while no other tab does: it waits for its turn, also after a tab that died. Pages without https have no locks, and sandboxed
 * frames may not use them: there the work is just done, and marks in the storage have to do.
 */
export const exclusively = (work: () => Promise<void>): Promise<void> =>
  canLock() ? navigator.locks.request("mm", work).catch(work) : work();

export const canLock = () => "locks" in navigator;
