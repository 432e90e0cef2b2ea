// SPDX-License-Identifier: Apache-2.0
// Requests to the server that this page came from, with the API key where there is one. What goes
// wrong becomes an ApiError with the server's own words.
import {getApiKey} from '../store/preferences.js';

export class ApiError extends Error {
  /**
   * @param {string} message  as the server said it; empty where it said nothing
   * @param {object} details  status (0: no answer came), type, code, retryAfter (seconds)
   */
  constructor(message, {status = 0, type = '', code = null, retryAfter = null} = {}) {
    super(message);
    this.name = 'ApiError';
    Object.assign(this, {status, type, code, retryAfter});
  }
}

/** The address of a path of the server, below the folder of this page (a proxy may put it there). */
export function serverUrl(path) {
  return new URL(path.replace(/^\//, ''), new URL('.', document.baseURI)).href;
}

/** What `error` bodies of the server and of proxies in between look like: JSON, or any text. */
export function errorOf(status, text, retryAfter = null) {
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // no JSON: a proxy's page, perhaps
  }
  const error = body?.error ?? body;
  const message = typeof error === 'string' ? error : error?.message ?? error?.detail;
  const plain = body === null && !/^\s*</.test(text) ? text.trim().slice(0, 500) : '';
  const seconds = Number(retryAfter);
  return new ApiError(typeof message === 'string' ? message : plain, {
    status,
    type: error?.type ?? '',
    code: error?.code ?? null,
    retryAfter: retryAfter != null && Number.isFinite(seconds) ? seconds : null,
  });
}

/** A response with a 2xx status. `body` is sent as JSON; throws ApiError, or AbortError by `signal`. */
export async function request(path, {method = 'GET', body, signal, accept = 'application/json'} = {}) {
  const headers = {Accept: accept};
  const key = getApiKey();
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(serverUrl(path), {
      method, headers, signal, cache: 'no-store', credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError('', {status: 0});
  }
  if (response.ok) return response;
  throw errorOf(response.status, await response.text().catch(() => ''), response.headers.get('Retry-After'));
}

export async function requestJson(path, options) {
  const response = await request(path, options);
  try {
    return await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(`${path}: the answer is not JSON`, {status: response.status});
  }
}
