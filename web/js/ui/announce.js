// SPDX-License-Identifier: Apache-2.0
// Short messages: to screen readers alone, or on the screen, too.
import {h} from './dom.js';
import {icon} from './icons.js';
import {t} from '../i18n/i18n.js';

/** Tells screen readers. */
export function announce(text) {
  const place = document.getElementById('announcer');
  if (!place) return;
  place.textContent = '';
  // A changed text is read; the same one again only after it was empty.
  requestAnimationFrame(() => { place.textContent = text; });
}

/** Shows a message for some seconds, with something to do about it if `action` is {label, run}. */
export function toast(text, {kind = 'info', action = null, seconds = 8} = {}) {
  const message = h('div.toast', {data: {kind}, attrs: {role: kind === 'error' ? 'alert' : 'status'}}, h('span', {textContent: text}));
  const close = () => message.remove();
  if (action) {
    message.append(h('button.text-button', {type: 'button', textContent: action.label, on: {click: () => { close(); action.run(); }}}));
  }
  message.append(h('button.icon-button.small', {type: 'button', title: t('close'), aria: {label: t('close')}, on: {click: close}}, icon('close')));
  document.getElementById('toasts').append(message);
  setTimeout(close, seconds * 1000);
}
