// SPDX-License-Identifier: Apache-2.0
// Mathematics in Markdown: $x$, \(x\), $$x$$ and \[x\]. The rules for markdown-it put the source,
// as text, into elements of class math; drawMath() has KaTeX draw them. Without KaTeX the source stays.
import {library} from './libraries.js';

const kDollar = 0x24, kBackslash = 0x5c;

/**
 * The place of `close` in `text` from `at` on that no backslash escapes, or -1. What was not found once is
 * not there further on either: `missing` remembers it, so that a text full of openings takes no square time.
 */
function findClose(text, close, at, end, missing) {
  if (missing.has(close)) return -1;
  for (let i = at; i + close.length <= end; ++i) {
    if (text.startsWith(close, i)) return i;
    if (text.charCodeAt(i) === kBackslash) ++i;
  }
  missing.add(close);
  return -1;
}

// Prices are no mathematics: a single dollar opens before a visible character only and closes after one,
// with no digit behind it.
function dollarsHold(text, begin, end) {
  return begin < end && !/\s/.test(text[begin]) && !/\s/.test(text[end - 1]) && !/\d/.test(text[end + 1] ?? '');
}

/**
 * Reads mathematics inside a line at `at`: {source, display, next}, or null. `missing` belongs to one text
 * that is read from its beginning on.
 */
export function mathAt(text, at, end = text.length, missing = new Set()) {
  const c = text.charCodeAt(at);
  if (c === kBackslash) {
    const opening = text[at + 1];
    if (opening !== '(' && opening !== '[') return null;
    const close = opening === '(' ? '\\)' : '\\]';
    const stop = findClose(text, close, at + 2, end, missing);
    if (stop < 0 || text.slice(at + 2, stop).trim() === '') return null;
    return {source: text.slice(at + 2, stop), display: opening === '[', next: stop + 2};
  }
  if (c !== kDollar) return null;
  if (text[at + 1] === '$') {
    const stop = findClose(text, '$$', at + 2, end, missing);
    if (stop < 0 || text.slice(at + 2, stop).trim() === '') return null;
    return {source: text.slice(at + 2, stop), display: true, next: stop + 2};
  }
  const stop = findClose(text, '$', at + 1, end, missing);
  if (stop < 0 || !dollarsHold(text, at + 1, stop)) return null;
  return {source: text.slice(at + 1, stop), display: false, next: stop + 1};
}

function inlineRule(state, silent) {
  state.mathMissing ??= new Set();
  const found = mathAt(state.src, state.pos, state.posMax, state.mathMissing);
  if (!found) return false;
  if (!silent) {
    const token = state.push('math', '', 0);
    token.content = found.source;
    token.meta = {display: found.display};
  }
  state.pos = found.next;
  return true;
}

// A block begins on a line with $$ or \[ and may run over lines, blank ones too, up to its end. While a
// reply is still being written the end is missing; then it is no block yet, and stays text.
function blockRule(state, startLine, endLine, silent) {
  const begin = state.bMarks[startLine] + state.tShift[startLine];
  const open = state.src.slice(begin, begin + 2);
  if (state.sCount[startLine] - state.blkIndent >= 4 || (open !== '$$' && open !== '\\[')) return false;
  const close = open === '$$' ? '$$' : '\\]';
  // A quotation or a list ends before the text does: what is missing in it may come later.
  const end = state.eMarks[endLine - 1];
  state.mathMissing ??= new Map();
  if (!state.mathMissing.has(end)) state.mathMissing.set(end, new Set());
  const stop = findClose(state.src, close, begin + 2, end, state.mathMissing.get(end));
  if (stop < 0) return false;
  let line = startLine;
  while (state.eMarks[line] < stop + 2) ++line;
  // What follows on the line makes it mathematics inside a paragraph.
  if (state.src.slice(stop + 2, state.eMarks[line]).trim() !== '') return false;
  for (let i = startLine + 1; i <= line; ++i) if (state.sCount[i] < state.blkIndent && !state.isEmpty(i)) return false;
  if (silent) return true;
  const token = state.push('math', '', 0);
  token.block = true;
  token.content = state.src.slice(begin + 2, stop);
  token.meta = {display: true};
  token.map = [startLine, line + 1];
  state.line = line + 1;
  return true;
}

/** A plugin of markdown-it. */
export function mathRules(md) {
  md.inline.ruler.before('escape', 'math', inlineRule);
  md.block.ruler.before('fence', 'math', blockRule, {alt: ['paragraph', 'reference', 'blockquote', 'list']});
  md.renderer.rules.math = (tokens, index) => {
    const {content, meta, block} = tokens[index];
    const source = md.utils.escapeHtml(content.trim());
    const tag = block ? 'div' : 'span';
    return `<${tag} class="math${meta.display ? ' math-display' : ''}">${source}</${tag}>${block ? '\n' : ''}`;
  };
}

// KaTeX builds elements, not HTML, and sets styles through the object model: the policy needs no
// 'unsafe-inline'. The two commands that write a style as text become others that do not.
// Commands that could make links or load images are off (trust), expansion is bounded.
const kOptions = {
  macros: {'\\fcolorbox': '\\@secondoftwo{#1}{\\fbox{\\colorbox{#2}{#3}}}', '\\pmb': '\\boldsymbol{#1}'},
  errorColor: 'var(--bad)', throwOnError: true, strict: 'ignore', trust: false, maxExpand: 500, maxSize: 40, output: 'htmlAndMathml',
};

/** Draws the mathematics below `root`; `done` is called when something was drawn later. */
export function drawMath(root, done = () => {}) {
  const places = [...root.querySelectorAll('.math:not([data-drawn], [data-failed])')];
  if (!places.length) return;
  library('katex').then((katex) => {
    if (!katex) return;
    for (const place of places) {
      if (place.dataset.drawn || place.dataset.failed) continue;
      const source = place.textContent;
      place.dataset.drawn = 'true';
      place.dataset.source = source;  // for copying
      try {
        katex.render(source, place, {...kOptions, displayMode: place.classList.contains('math-display')});
      } catch (error) {
        // What KaTeX cannot read is shown as it came.
        delete place.dataset.drawn;
        place.dataset.failed = 'true';
        place.textContent = source;
        place.title = error.message;
      }
    }
    done();
  });
}
