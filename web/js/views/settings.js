// SPDX-License-Identifier: Apache-2.0
// The settings of a conversation: system prompt, sampling, thinking; and those of the page.
import {h} from '../ui/dom.js';
import {showDialog} from '../ui/dialog.js';
import {currentTheme, kThemes, setTheme} from '../ui/theme.js';
import {formatNumber, language, t} from '../i18n/i18n.js';
import {kEfforts, kNumbers, readNumber} from '../conversation/settings.js';

/**
 * @param {object} settings  as they are
 * @param {object} defaults  the server's, by name, where it told them
 * @param {object} actions  save(settings), setLanguage(name), themeChanged(), askKey()
 */
export function showSettings(settings, defaults, actions) {
  const system = h('textarea', {id: 'settings-system', rows: 5, value: settings.system ?? '', placeholder: t('settings.systemHint')});
  const numbers = kNumbers.map((number) => numberField(number, settings[number.name], defaults[number.name]));
  const effort = select('settings-effort', kEfforts.map((value) => [value, t(`settings.effort.${value}`)]), settings.effort ?? '');

  const save = (event) => {
    event.preventDefault();
    const read = {system: system.value, effort: effort.value};
    let wrong = null;
    for (const field of numbers) {
      const {value, problem} = field.read();
      if (problem) wrong ??= field;
      else if (value !== null) read[field.name] = value;
    }
    if (wrong) {
      wrong.input.focus();
      return;
    }
    actions.save(read);
    dialog.close();
  };
  const reset = () => {
    system.value = '';
    effort.value = '';
    for (const field of numbers) field.clear();
  };
  const form = h('form.settings', {noValidate: true, on: {submit: save}},
    h('p.note', {textContent: t('settings.note')}),
    field('settings-system', t('settings.system'), system),
    h('fieldset', {}, h('legend', {textContent: t('settings.sampling')}),
      h('div.number-grid', {}, ...numbers.map(({element}) => element))),
    field('settings-effort', t('settings.effort'), effort),
    pageSettings(actions, () => dialog.close()),
    h('footer.dialog-foot', {},
      h('button.button', {type: 'button', textContent: t('settings.reset'), on: {click: reset}}),
      h('span.spring'),
      h('button.button', {type: 'button', textContent: t('settings.cancel'), on: {click: () => dialog.close()}}),
      h('button.button.primary', {type: 'submit', textContent: t('settings.save')})));
  const dialog = showDialog(t('settings.title'), form, {className: 'wide'});
  return dialog;
}

// These hold at once.
function pageSettings(actions, close) {
  const theme = select('settings-theme', kThemes.map((name) => [name, t(`theme.${name}`)]), currentTheme());
  theme.addEventListener('change', () => { setTheme(theme.value); actions.themeChanged(); });
  const words = select('settings-language', [['en', 'English'], ['zh', '中文']], language());
  words.addEventListener('change', () => { close(); actions.setLanguage(words.value); });
  const key = h('button.button', {id: 'settings-key', type: 'button', textContent: t('settings.keySet'), on: {click: () => { close(); actions.askKey(); }}});
  return h('fieldset', {}, h('legend', {textContent: t('settings.page')}),
    h('div.page-grid', {}, field('settings-theme', t('settings.theme'), theme), field('settings-language', t('settings.language'), words),
      field('settings-key', t('settings.key'), key)));
}

function field(id, label, control) {
  return h('div.field', {}, h('label', {htmlFor: id, textContent: label}), control);
}

function select(id, options, value) {
  const element = h('select', {id}, ...options.map(([name, words]) => h('option', {value: name, textContent: words})));
  element.value = value;
  return element;
}

// A field of text, because a field of numbers hides what was typed when it is no number.
function numberField(number, value, serverDefault) {
  const {name} = number;
  const id = `settings-${name}`;
  const hint = Number.isFinite(serverDefault) ? t('settings.default', {value: formatNumber(serverDefault, 4)}) : '';
  const input = h('input', {
    id, type: 'text', inputMode: number.integer ? 'numeric' : 'decimal', autocomplete: 'off', value: value == null ? '' : String(value), placeholder: hint,
    aria: {describedby: `${id}-note`},
  });
  const note = h('span.field-note', {id: `${id}-note`, textContent: t(`settings.${name}Note`)});
  const tell = (problem) => {
    input.setAttribute('aria-invalid', String(Boolean(problem)));
    note.classList.toggle('problem', Boolean(problem));
    note.textContent = problem ? t(`problem.${problem}`, {min: formatNumber(number.min), max: formatNumber(number.max)}) : t(`settings.${name}Note`);
  };
  const read = () => {
    const result = readNumber(number, input.value);
    tell(result.problem);
    return result;
  };
  input.addEventListener('change', read);
  const clear = () => { input.value = ''; tell(null); };
  const element = h('div.field', {}, h('label', {htmlFor: id, textContent: t(`settings.${name}`)}), input, note);
  return {name, input, element, read, clear};
}
