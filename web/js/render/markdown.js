// SPDX-License-Identifier: Apache-2.0
// Markdown into elements, block by block: while a reply grows, blocks that did not change keep their
// elements, so that a long reply costs its last block only, and a selection in it stays.
import {mathRules} from './math.js';
import {codeBlock} from './code.js';
import {sanitize} from './sanitize.js';

/** A parser with our rules; `markdownit` is the library's global. HTML in the text stays text. */
export function createParser(markdownit) {
  // Models break lines where they mean it.
  const md = markdownit({html: false, linkify: true, breaks: true, typographer: false});
  md.use(mathRules);
  // markdown-it drops links whose scheme it does not know from the text; we check once more in sanitize.js.
  md.validateLink = (url) => /^(?:https?:|mailto:|data:image\/(?:png|jpeg|gif|webp);base64,)/i.test(url.trim());
  // Alignment as a class: the policy has no place for styles.
  for (const name of ['td_open', 'th_open']) {
    md.renderer.rules[name] = (tokens, index, options, env, self) => {
      const align = /text-align:(left|center|right)/.exec(tokens[index].attrGet('style') ?? '');
      tokens[index].attrs = align ? [['class', `align-${align[1]}`]] : null;
      return self.renderToken(tokens, index, options);
    };
  }
  return md;
}

/** The blocks of a text: {key, tokens}; equal keys give equal elements. */
export function blocksOf(md, source) {
  const env = {};
  const tokens = md.parse(source, env);
  const lines = source.split('\n');
  // Definitions of links may stand anywhere and change blocks elsewhere.
  const references = env.references ? JSON.stringify(env.references) : '';
  const blocks = [];
  let open = [];
  for (const token of tokens) {
    open.push(token);
    if (token.level !== 0 || token.nesting === 1) continue;
    const [begin, end] = open[0].map ?? [0, lines.length];
    blocks.push({key: `${open[0].type}\n${lines.slice(begin, end).join('\n')}\n${references}`, tokens: open, env});
    open = [];
  }
  return blocks;
}

function elementsOf(md, purify, {tokens, env}) {
  const [first] = tokens;
  if (first.type === 'fence' || first.type === 'code_block') {
    return [codeBlock(first.content.replace(/\n$/, ''), first.info.trim().split(/\s+/)[0] ?? '')];
  }
  const fragment = sanitize(purify, md.renderer.render(tokens, md.options, env));
  // Code in lists and quotes.
  for (const pre of fragment.querySelectorAll('pre')) {
    const code = pre.querySelector('code');
    const language = /language-(\S+)/.exec(code?.className ?? '')?.[1] ?? '';
    pre.replaceWith(codeBlock((code ?? pre).textContent.replace(/\n$/, ''), language));
  }
  for (const table of fragment.querySelectorAll('table')) {
    const frame = document.createElement('div');
    frame.className = 'table-frame';
    frame.tabIndex = 0;  // it scrolls sideways
    table.replaceWith(frame);
    frame.append(table);
  }
  return [...fragment.childNodes].filter((node) => node.nodeType !== Node.TEXT_NODE || node.textContent.trim());
}

/** Shows texts in one place, again and again. */
export class MarkdownView {
  #shown = [];  // {key, nodes}

  constructor(place, md, purify) {
    Object.assign(this, {place, md, purify});
  }

  show(source) {
    const blocks = blocksOf(this.md, source);
    let same = 0;
    while (same < blocks.length && same < this.#shown.length && blocks[same].key === this.#shown[same].key) ++same;
    for (const {nodes} of this.#shown.splice(same)) for (const node of nodes) node.remove();
    for (const block of blocks.slice(same)) {
      const nodes = elementsOf(this.md, this.purify, block);
      this.place.append(...nodes);
      this.#shown.push({key: block.key, nodes});
    }
  }
}
