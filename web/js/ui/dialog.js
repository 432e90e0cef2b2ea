// SPDX-License-Identifier: Apache-2.0
// Dialogs: the browser's own, which keep focus inside, close on Escape and give focus back.
import {h} from './dom.js';
import {icon} from './icons.js';
import {t} from '../i18n/i18n.js';

/**
 * Shows a dialog with a title and content; removed when it closes. Returns it.
 * @param {(dialog: HTMLDialogElement) => void} closed
 */
export function showDialog(title, content, {className = '', closed = () => {}} = {}) {
  const dialog = h(`dialog.dialog${className ? `.${className}` : ''}`, {aria: {labelledby: 'dialog-title'}},
    h('header.dialog-head', {},
      h('h2', {id: 'dialog-title', textContent: title}),
      h('button.icon-button', {type: 'button', title: t('close'), aria: {label: t('close')}, on: {click: () => dialog.close()}}, icon('close'))),
    content);
  dialog.addEventListener('close', () => {
    dialog.remove();
    closed(dialog);
  });
  // A click beside the dialog closes it; one that began inside, as a selection may, does not.
  dialog.addEventListener('pointerdown', (event) => {
    if (event.target !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Whether a dialog is open, which then has the keyboard. */
export const dialogIsOpen = () => document.querySelector('dialog[open]') !== null;
