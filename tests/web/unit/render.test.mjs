// SPDX-License-Identifier: Apache-2.0
// Text into parts, mathematics, blocks of Markdown; with Debian's markdown-it as the page gets it.
import assert from 'node:assert/strict';
import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {blocksOf, createParser} from '../../../web/js/render/markdown.js';
import {mathAt} from '../../../web/js/render/math.js';
import {plainParts} from '../../../web/js/render/plain.js';
import {stageLibraries} from '../stub/pages.mjs';

const kLibraries = stageLibraries();
after(() => rmSync(kLibraries, {recursive: true}));
const kScript = join(kLibraries, 'lib/markdown-it/markdown-it.js');
const skip = existsSync(kScript) ? false : 'node-markdown-it is not installed';
let md = null;
if (!skip) {
  await import(kScript);
  md = createParser(globalThis.markdownit);
}
const html = (source) => md.render(source).trim();

test('plain text is paragraphs and code', () => {
  assert.deepEqual(plainParts('one\ntwo\n\n\nthree\n```js\na\n\n b\n```\nfour'),
    [{text: 'one\ntwo'}, {text: 'three'}, {code: 'js', text: 'a\n\n b'}, {text: 'four'}]);
  assert.deepEqual(plainParts('~~~\n```\n~~~~'), [{code: '', text: '```'}]);
  assert.deepEqual(plainParts('```py\nunfinished'), [{code: 'py', text: 'unfinished'}]);
  assert.deepEqual(plainParts(''), []);
});

test('mathematics is told from money', () => {
  const source = (text, at = 0) => mathAt(text, at)?.source;
  assert.equal(source('$x^2$'), 'x^2');
  assert.equal(source('$$x$$'), 'x');
  assert.equal(source('\\(a\\)'), 'a');
  assert.equal(source('\\[a\\]'), 'a');
  assert.equal(source('$a \\$ b$'), 'a \\$ b');
  for (const text of ['$5 and $6', '$ x$', '$x $', '$x', '$$', '$$ $$', '\\(x', '\\x', '$x$5']) assert.equal(source(text), undefined, text);
});

test('mathematics in Markdown', {skip}, () => {
  assert.equal(html('a $x_1 * y_1 * z$ b'), '<p>a <span class="math">x_1 * y_1 * z</span> b</p>');
  assert.equal(html('$$\na\n\nb\n$$'), '<div class="math math-display">a\n\nb</div>');
  assert.equal(html('$$a$$ then'), '<p><span class="math math-display">a</span> then</p>');
  assert.equal(html('\\[\na < b\n\\]'), '<div class="math math-display">a &lt; b</div>');
  assert.equal(html('$$\nunfinished'), '<p>$$<br>\nunfinished</p>');
  assert.equal(html('`$x$`'), '<p><code>$x$</code></p>');
  assert.equal(html('- $$a$$\n- b'), '<ul>\n<li>\n<div class="math math-display">a</div>\n</li>\n<li>b</li>\n</ul>');
  assert.equal(html('$</span><script>$'), '<p><span class="math">&lt;/span&gt;&lt;script&gt;</span></p>');
});

test('links go to known schemes only, and HTML stays text', {skip}, () => {
  for (const url of ['javascript:x', 'JaVaScript:x', 'vbscript:x', 'data:text/html,x', 'file:///etc/passwd', '/v1/models', 'data:image/svg+xml;base64,x']) {
    assert.ok(!html(`[a](${url}) ![b](${url})`).match(/<a|<img/), url);
  }
  assert.match(html('[a](https://example.com)'), /<a href="https:\/\/example.com">/);
  assert.match(html('<b onclick=x>'), /&lt;b onclick=x&gt;/);
  assert.match(html('|a|\n|:-:|\n|b|'), /<td class="align-center">/);
});

test('blocks that did not change keep their keys while a text grows', {skip}, () => {
  const text = '# A\n\npara $x$\n\n```py\ncode\n```\n\n- one\n- two\n\n| a |\n|---|\n| b |\n\n> quote\n\nlast';
  const keys = (source) => blocksOf(md, source).map(({key}) => key);
  const whole = keys(text);
  assert.equal(whole.length, 7);
  for (let length = 1; length < text.length; ++length) {
    const part = keys(text.slice(0, length));
    // All but the last two blocks, which may still become something else, are as they will be.
    assert.deepEqual(part.slice(0, -2), whole.slice(0, Math.max(0, part.length - 2)), `after ${length}`);
  }
  assert.equal(blocksOf(md, text).map(({tokens, env}) => md.renderer.render(tokens, md.options, env)).join(''), md.render(text));
});

test('a definition of a link changes the blocks that use it', {skip}, () => {
  const [before] = blocksOf(md, '[a][b]\n\nx');
  const [after] = blocksOf(md, '[a][b]\n\n[b]: https://example.com');
  assert.notEqual(before.key, after.key);
});

test('an end that a text does not have is looked for once', () => {
  const missing = new Set();
  assert.equal(mathAt('\\(a \\(b', 0, 8, missing), null);
  assert.deepEqual([...missing], ['\\)']);
  // Another text with the end in it shows that nothing is searched any more.
  assert.equal(mathAt('\\(a\\)', 0, 5, missing), null);
  assert.equal(mathAt('$a$', 0, 3, missing).source, 'a');
});
