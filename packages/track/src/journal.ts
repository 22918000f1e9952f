import type { Waiting } from "./queue.ts";
import { settings } from "./settings.ts";

// A second copy of the events that wait. Browsers write `localStorage` to the disk only seconds later, up to a minute; what IndexedDB has
// taken outlives a browser that is killed. Never throws: where it is denied the storage has the events, too.

const database = "mm_q";
/** Milliseconds: some browsers have been seen never to answer. */
const patienceMs = 1_000;

/** A connection for each piece of work: an open one would keep other tabs from erasing it. */
const use = <T>(work: (events: IDBObjectStore) => IDBRequest<T> | undefined) =>
  new Promise<T | undefined>((done, fail) => {
    setTimeout(done, patienceMs);
    if (settings.persistence === "memory") return fail();
    const opening = indexedDB.open(database);
    opening.onupgradeneeded = () => opening.result.createObjectStore(database, { keyPath: "name" });
    opening.onsuccess = () => {
      const { result: db } = opening;
      const transaction = db.transaction(database, "readwrite");
      const request = work(transaction.objectStore(database));
      // Once that is done, also when it fails.
      db.close();
      transaction.oncomplete = () => done(request?.result);
    };
    opening.onerror = fail;
  }).catch(() => void added.splice(0));

const added: Waiting[] = [];

export function add(event: Waiting): void {
  // At once, so that what is removed or erased later stays so. Those that come until the database is open go with the first.
  if (added.push(event) === 1) void use((events) => added.splice(0).map((one) => events.put(one))[0]);
}

export const remove = (gone: readonly Waiting[]) => use((events) => gone.map(({ name }) => events.delete(name))[0]);

export const read = () => use<Waiting[]>((events) => events.getAll());

/** Removes it, database and all. @throws where it is denied */
export const erase = () => indexedDB.deleteDatabase(database);
