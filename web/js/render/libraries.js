// SPDX-License-Identifier: Apache-2.0
// The libraries that the server was built with, each loaded when it is first wanted. They come from
// Debian's packages and are plain scripts that leave a global; as modules they do the same, and need no
// script element that a policy of trusted types would have to allow.
import {serverUrl} from '../api/client.js';

const kGlobals = {'markdown-it': 'markdownit', dompurify: 'DOMPurify', katex: 'katex', highlight: 'hljs'};

let listed = null;
const loading = new Map();

// lib/index.json is {name: {script, style}}; asking for it first spares requests that fail.
async function list() {
  try {
    const response = await fetch(serverUrl('lib/index.json'));
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

async function load(name) {
  listed ??= list();
  const files = (await listed)[name];
  if (!files?.script) return null;
  if (files.style) {
    const link = Object.assign(document.createElement('link'), {rel: 'stylesheet', href: serverUrl(files.style)});
    document.head.append(link);
  }
  try {
    await import(serverUrl(files.script));
  } catch (error) {
    console.warn(`${name} was not loaded: ${error.message}`);
  }
  return globalThis[kGlobals[name]] ?? null;
}

/** The library's global, or null where the server has none. */
export function library(name) {
  if (!loading.has(name)) loading.set(name, load(name));
  return loading.get(name);
}
