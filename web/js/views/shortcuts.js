// SPDX-License-Identifier: Apache-2.0
// Keys that work everywhere on the page, and the list of all keys.
import {h} from '../ui/dom.js';
import {dialogIsOpen, showDialog} from '../ui/dialog.js';
import {t} from '../i18n/i18n.js';

const isField = (element) => element?.matches?.('input, textarea, select, [contenteditable]') ?? false;

/** @param {object} run  stop(), search(), startNew(), focusMessage(), settings() */
export function listenToKeys(run) {
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || dialogIsOpen()) return;
    const action = actionFor(event, run);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function actionFor(event, run) {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === 'Escape') return run.stop;
  if (command && !event.shiftKey && !event.altKey && event.code === 'KeyK') return run.search;
  if (command && !event.shiftKey && !event.altKey && event.key === ',') return run.settings;
  // By its place on the keyboard: with Alt the key itself gives another letter on some systems.
  if (event.altKey && !command && event.code === 'KeyN') return run.startNew;
  if (command || event.altKey || isField(event.target)) return null;
  if (event.key === '/') return run.focusMessage;
  if (event.key === '?') return showKeys;
  return null;
}

const kKeys = [
  [['key.enter'], 'keys.send'],
  [['key.shift', 'key.enter'], 'keys.line'],
  [['Esc'], 'keys.stop'],
  [['key.ctrl', 'K'], 'keys.search'],
  [['key.alt', 'N'], 'keys.new'],
  [['/'], 'keys.field'],
  [['↑'], 'keys.edit'],
  [['key.ctrl', ','], 'keys.settings'],
  [['?'], 'keys.help'],
];

export function showKeys() {
  const rows = kKeys.map(([keys, words]) => h('tr', {},
    h('td', {}, ...keys.map((key) => h('kbd', {textContent: key.startsWith('key.') ? t(key) : key}))),
    h('td', {textContent: t(words)})));
  showDialog(t('keys.title'), h('table.keys', {}, h('tbody', {}, ...rows)));
}
