// SPDX-License-Identifier: Apache-2.0
// Shows a model's text in a place of the page, as richly as the libraries of the server allow.
import {setChildren} from '../ui/dom.js';
import {codeBlock, colourCode} from './code.js';
import {library} from './libraries.js';
import {MarkdownView, createParser} from './markdown.js';
import {drawMath} from './math.js';
import {plainBlocks} from './plain.js';

let rich = null;  // {md, purify}, or null without one of the two

/** Loads what every reply needs; until then, and without it, text is plain. */
export async function prepareReplies() {
  const [markdownit, purify] = await Promise.all([library('markdown-it'), library('dompurify')]);
  rich = markdownit && purify ? {md: createParser(markdownit), purify} : null;
}

export class ReplyText {
  #markdown = null;
  #shown = null;  // {source, final}

  /** @param {() => void} grown  called when something was drawn after show() returned */
  constructor(place, grown = () => {}) {
    Object.assign(this, {place, grown});
  }

  /** Shows the text; `final` when no more will come: until then, its last block is not coloured. */
  show(source, final) {
    if (this.#shown?.source === source && this.#shown.final === final) return;
    this.#shown = {source, final};
    if (rich) {
      if (!this.#markdown) this.place.replaceChildren();
      this.#markdown ??= new MarkdownView(this.place, rich.md, rich.purify);
      this.#markdown.show(source);
      drawMath(this.place, this.grown);
      colourCode(final ? [this.place] : [...this.place.children].slice(0, -1), rich.purify);
    } else {
      setChildren(this.place, plainBlocks(source, codeBlock));
    }
  }
}
