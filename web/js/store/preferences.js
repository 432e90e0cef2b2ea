// SPDX-License-Identifier: Apache-2.0
// Small choices of the user that outlive the page: theme, language, model, settings, the API key.

const kPrefix = 'pangu.';

function storages() {
  // Reading the property alone throws where the browser forbids storage.
  try {
    return {local: globalThis.localStorage, session: globalThis.sessionStorage};
  } catch {
    return {};
  }
}

/** What was kept under this name, or `otherwise`. */
export function getPreference(name, otherwise = null) {
  try {
    const text = storages().local?.getItem(kPrefix + name);
    return text == null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** Keeps a value; null forgets it. Returns whether the browser took it. */
export function setPreference(name, value) {
  try {
    const {local} = storages();
    if (!local) return false;
    if (value == null) local.removeItem(kPrefix + name);
    else local.setItem(kPrefix + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

let keyInMemory = '';

/** The API key: kept for good where the user asked for it, otherwise until the tab closes. */
export function getApiKey() {
  const {session} = storages();
  try {
    return session?.getItem(kPrefix + 'key') ?? getPreference('key') ?? keyInMemory;
  } catch {
    return keyInMemory;
  }
}

export function setApiKey(key, remember) {
  keyInMemory = key;
  setPreference('key', remember && key ? key : null);
  try {
    const {session} = storages();
    if (key) session?.setItem(kPrefix + 'key', key);
    else session?.removeItem(kPrefix + 'key');
  } catch {
    // kept in memory
  }
}

/** What was typed and not sent yet, by conversation, until the tab closes. */
export function getDraft(conversation) {
  try {
    return storages().session?.getItem(`${kPrefix}draft.${conversation}`) ?? '';
  } catch {
    return '';
  }
}

export function setDraft(conversation, text) {
  try {
    const {session} = storages();
    if (text) session?.setItem(`${kPrefix}draft.${conversation}`, text);
    else session?.removeItem(`${kPrefix}draft.${conversation}`);
  } catch {
    // a draft is a convenience
  }
}
