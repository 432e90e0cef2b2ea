// SPDX-License-Identifier: Apache-2.0
// Blocks of code: a bar with the language and a button that copies, and colours where the server has
// highlight.js. Without it, the text as it is.
import {h} from '../ui/dom.js';
import {copyButton} from '../ui/copy.js';
import {t} from '../i18n/i18n.js';
import {library} from './libraries.js';
import {sanitize} from './sanitize.js';

// Colours for very long code would take longer than reading it.
const kMaxHighlighted = 100000;

/** The element of a block of code: `language` as after the fence, or ''. */
export function codeBlock(source, language) {
  const code = h('code', {textContent: source, data: {language}});
  return h('div.code-block', {},
    h('div.code-bar', {},
      h('span.code-language', {textContent: language || t('code.plain')}),
      copyButton(() => code.textContent, t('code.copy'))),
    h('pre', {tabIndex: 0, attrs: {role: 'group'}, aria: {label: language ? t('code.region', {language}) : t('code.plain')}}, code));
}

/** Colours the code below `roots` that has a language which highlight.js knows. */
export async function colourCode(roots, purify) {
  const places = roots.flatMap((root) => [...root.querySelectorAll('code[data-language]:not([data-coloured])')])
    .filter((code) => code.dataset.language);
  if (!places.length) return;
  const hljs = await library('highlight');
  if (!hljs) return;
  for (const code of places) {
    const {language} = code.dataset;
    const source = code.textContent;
    if (code.dataset.coloured || source.length > kMaxHighlighted || !hljs.getLanguage(language)) continue;
    code.dataset.coloured = 'true';
    code.replaceChildren(sanitize(purify, colours(hljs, source, language)));
  }
}

// The order of the two changed with version 10.7; Debian 12 has version 9.
function colours(hljs, source, language) {
  hljs.configure?.({hideUpgradeWarningAcceptNoSupportOrSecurityUpdates: true});  // Debian mends its version 9
  const major = Number(String(hljs.versionString ?? '9').split('.')[0]);
  const result = major >= 11 ? hljs.highlight(source, {language, ignoreIllegals: true}) : hljs.highlight(language, source, true);
  return result.value;
}
