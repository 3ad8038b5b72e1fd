/** The browser's copy of edits of drafts that are not at the server yet: they outlive the page. */

import { type DraftRef, SCHEMA } from "./draft-requests";

const DATABASE = "weft-drafts";
const UPDATES = "updates";

interface StoredUpdate {
  readonly draft: string;
  readonly update: Uint8Array;
  readonly millis: number;
}

/** Copies of a report that no one opened since are of no use. */
const OLDEST_MILLIS = 60 * 24 * 3_600_000;

/** The edits of one draft; without a database (a private window) it has none. */
export class UnsentUpdates {
  readonly #draft: string;
  readonly #database = openDatabase();

  /** @param account who edits; null: a server without accounts */
  constructor(account: string | null, { project, report }: DraftRef) {
    this.#draft = `${account ?? ""}:${project.entity}/${project.project}/${report}:${SCHEMA}`;
  }

  /** All of them with their keys, oldest first. */
  async read(): Promise<readonly (readonly [key: number, update: Uint8Array])[]> {
    const database = await this.#database;
    if (!database) return [];
    const updates: [number, Uint8Array][] = [];
    const transaction = database.transaction(UPDATES, "readwrite");
    const request = transaction.objectStore(UPDATES).openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return;
      const stored = cursor.value as StoredUpdate;
      if (Date.now() - stored.millis > OLDEST_MILLIS) cursor.delete();
      else if (stored.draft === this.#draft) updates.push([cursor.key as number, stored.update]);
      cursor.continue();
    };
    await endOf(transaction);
    return updates;
  }

  /** Resolves to the key of the copy; null: it could not be written. */
  async add(update: Uint8Array): Promise<number | null> {
    const database = await this.#database;
    if (!database) return null;
    const transaction = database.transaction(UPDATES, "readwrite");
    const stored: StoredUpdate = { draft: this.#draft, update, millis: Date.now() };
    const request = transaction.objectStore(UPDATES).add(stored);
    await endOf(transaction);
    return request.result as number;
  }

  async remove(keys: readonly number[]): Promise<void> {
    const database = await this.#database;
    if (!database || keys.length === 0) return;
    const transaction = database.transaction(UPDATES, "readwrite");
    for (const key of keys) transaction.objectStore(UPDATES).delete(key);
    await endOf(transaction);
  }

  close(): void {
    void this.#database.then((database) => database?.close());
  }
}

/** Removes all copies, as the next person at this browser is another one. */
export async function forgetUnsent(): Promise<void> {
  const database = await openDatabase();
  if (!database) return;
  const transaction = database.transaction(UPDATES, "readwrite");
  transaction.objectStore(UPDATES).clear();
  await endOf(transaction);
  database.close();
}

function openDatabase(): Promise<IDBDatabase | null> {
  if (typeof indexedDB === "undefined") return Promise.resolve(null);
  return new Promise((resolve) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(UPDATES, { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onblocked = () => resolve(null);
  });
}

/** Also if it failed: copies are the second line, and the first tells what is not sent. */
function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => resolve();
    transaction.onabort = () => resolve();
  });
}
