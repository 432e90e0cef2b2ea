// SPDX-License-Identifier: Apache-2.0
// Asks for the API key, where the server answered that one is needed.
import {h} from '../ui/dom.js';
import {showDialog} from '../ui/dialog.js';
import {t} from '../i18n/i18n.js';
import {getApiKey, setApiKey} from '../store/preferences.js';

let open = null;

/** Resolves to whether a key was given. `reason` is what the server said, or ''. */
export function askForKey(reason = '') {
  open ??= new Promise((resolve) => {
    const key = h('input', {id: 'api-key', type: 'password', autocomplete: 'off', spellcheck: false, value: getApiKey()});
    const remember = h('input', {id: 'api-key-remember', type: 'checkbox'});
    let given = false;
    const use = (event) => {
      event.preventDefault();
      setApiKey(key.value.trim(), remember.checked);
      given = true;
      dialog.close();
    };
    const form = h('form', {on: {submit: use}},
      reason ? h('p.error-note', {textContent: reason}) : null,
      h('p.note', {textContent: t('key.note')}),
      h('div.field', {}, h('label', {htmlFor: 'api-key', textContent: t('key.label')}), key),
      h('label.check', {}, remember, t('key.remember')),
      h('footer.dialog-foot', {}, h('span.spring'), h('button.button.primary', {type: 'submit', textContent: t('key.use')})));
    const dialog = showDialog(t('key.title'), form, {closed: () => { open = null; resolve(given); }});
    key.focus();
  });
  return open;
}
