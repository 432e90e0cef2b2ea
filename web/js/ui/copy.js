// SPDX-License-Identifier: Apache-2.0
// Copying to the clipboard, with a sign that it worked.
import {h} from './dom.js';
import {icon} from './icons.js';
import {announce} from './announce.js';
import {t} from '../i18n/i18n.js';

/** Puts a text on the clipboard. Pages that came without TLS from another machine have the old way only. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea.visually-hidden', {value: text, readOnly: true});
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}

/** A button that copies what `text()` gives when it is pressed. */
export function copyButton(text, label) {
  const button = h('button.icon-button.small', {type: 'button', title: label, aria: {label}}, icon('copy'));
  button.addEventListener('click', async () => {
    const copied = await copyText(text());
    announce(t(copied ? 'copied' : 'notCopied'));
    if (!copied) return;
    button.replaceChildren(icon('check'));
    setTimeout(() => button.replaceChildren(icon('copy')), 1500);
  });
  return button;
}
