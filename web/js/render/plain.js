// SPDX-License-Identifier: Apache-2.0
// Replies where the server has no markdown-it or no DOMPurify: paragraphs and blocks of code, nothing
// else, all of it as text.
import {h} from '../ui/dom.js';

/** The parts of a text: {code: language, text} for fenced blocks, {text} for paragraphs. */
export function plainParts(source) {
  const parts = [];
  let lines = [];
  let fence = null;
  const paragraphs = () => {
    for (const text of lines.join('\n').split(/\n\s*\n/)) if (text.trim()) parts.push({text: text.replace(/^\n+|\s+$/g, '')});
    lines = [];
  };
  for (const line of source.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/.exec(line);
    if (fence === null && mark) {
      paragraphs();
      fence = {mark: mark[1], language: mark[2].trim().split(/\s+/)[0] ?? ''};
    } else if (fence !== null && mark && mark[1][0] === fence.mark[0] && mark[1].length >= fence.mark.length && !mark[2]) {
      parts.push({code: fence.language, text: lines.join('\n')});
      lines = [];
      fence = null;
    } else {
      lines.push(line);
    }
  }
  if (fence !== null) parts.push({code: fence.language, text: lines.join('\n')});
  else paragraphs();
  return parts;
}

/** The elements of a text; `codeBlock(text, language)` makes those of code. */
export function plainBlocks(source, codeBlock) {
  return plainParts(source).map((part) =>
    part.code === undefined ? h('p.plain', {textContent: part.text}) : codeBlock(part.text, part.code));
}
