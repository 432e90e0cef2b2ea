// SPDX-License-Identifier: Apache-2.0
// What the user is told of an error: the server's own words where it said any.
import {t} from '../i18n/i18n.js';

/** `error` is an ApiError or what a reply keeps of one: {message, status, type, retryAfter}. */
export function errorText(error) {
  const {message = '', status, type, retryAfter} = error;
  const parts = [];
  if (message) parts.push(message);
  else if (type === 'broken_stream') parts.push(t('error.broken'));
  else if (status) parts.push(t('error.status', {status}));
  else parts.push(t('error.unreachable'));
  if (retryAfter) parts.push(t('error.retryAfter', {seconds: retryAfter}));
  return parts.join('\n');
}
