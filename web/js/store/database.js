// SPDX-License-Identifier: Apache-2.0
// Conversations in the browser's IndexedDB: whole ones in one store, what the list needs in another,
// written together. Where the browser gives no database, in memory, and `persistent` says so. Other
// tabs are told of what changed.

const kDatabase = 'pangu';
const kVersion = 1;

/** What the list of conversations shows. */
export function summaryOf({id, title, created, updated}) {
  return {id, title, created, updated};
}

/** Newest first. */
const newestFirst = (a, b) => b.updated - a.updated;

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

class BrowserStore {
  persistent = true;

  constructor(database) {
    this.database = database;
    // A newer page in another tab may change the stores only when nobody holds them open.
    database.onversionchange = () => database.close();
  }

  async list() {
    const request = this.database.transaction('summaries').objectStore('summaries').getAll();
    return (await promised(request)).sort(newestFirst);
  }

  async get(id) {
    return await promised(this.database.transaction('conversations').objectStore('conversations').get(id)) ?? null;
  }

  put(conversation) {
    return this.#change((conversations, summaries) => {
      conversations.put(conversation);
      summaries.put(summaryOf(conversation));
    });
  }

  remove(id) {
    return this.#change((conversations, summaries) => {
      conversations.delete(id);
      summaries.delete(id);
    });
  }

  #change(work) {
    const transaction = this.database.transaction(['conversations', 'summaries'], 'readwrite');
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
      work(transaction.objectStore('conversations'), transaction.objectStore('summaries'));
    });
  }
}

export class MemoryStore {
  persistent = false;
  #kept = new Map();

  async list() {
    return [...this.#kept.values()].map(summaryOf).sort(newestFirst);
  }
  async get(id) {
    const kept = this.#kept.get(id);
    return kept ? structuredClone(kept) : null;
  }
  async put(conversation) {
    this.#kept.set(conversation.id, structuredClone(conversation));
  }
  async remove(id) {
    this.#kept.delete(id);
  }
}

/** The store of this browser. */
export async function openStore() {
  try {
    const request = indexedDB.open(kDatabase, kVersion);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('conversations', {keyPath: 'id'});
      request.result.createObjectStore('summaries', {keyPath: 'id'});
    };
    return new BrowserStore(await promised(request));
  } catch {
    return new MemoryStore();
  }
}

/** Tells other tabs which conversation changed, and calls `heard(id)` when they do. */
export function openChannel(heard) {
  if (!('BroadcastChannel' in globalThis)) return {tell() {}};
  const channel = new BroadcastChannel('pangu');
  channel.onmessage = ({data}) => heard(data);
  return {tell: (id) => channel.postMessage(id)};
}
