// SPDX-License-Identifier: Apache-2.0
// What a model says is never more than text, whatever it says: no script, no request, no element that
// Markdown does not make.
import assert from 'node:assert/strict';
import {eventsSaying, visitTest} from './harness.mjs';
import {replyTo} from '../stub/replies.mjs';

const kMalicious = replyTo([{role: 'user', content: 'malicious'}]).content;

// More ways in, each alone, so that none hides behind another.
const kPieces = [
  '<script>window.hacked=1</script>', '<img src=x onerror=window.hacked=1>', '<svg><script>window.hacked=1</script></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hacked=1&gt;">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.hacked=1>', '<a href="jav&#x09;ascript:window.hacked=1">x</a>',
  '[x](javascript&colon;window.hacked=1)', '[x](  javascript:window.hacked=1)', '[x](data:text/html;base64,PHNjcmlwdD4=)', '[x](//example.com/x)',
  '![x](https://example.com/x.png)', '![x](//example.com/x.png)', '[![x](https://example.com/x.png)](https://example.com)', '<base href="https://example.com/">',
  '<link rel=stylesheet href=https://example.com/x.css>', '<meta http-equiv=refresh content="0;url=https://example.com">', '<object data=https://example.com>',
  '<video src=https://example.com/x.mp4 autoplay>', '<input autofocus onfocus=window.hacked=1>', '<p style="background:url(https://example.com/x)">x</p>',
  '$\\href{javascript:window.hacked=1}{x}$', '$\\url{https://example.com}$', '$\\includegraphics[height=1em]{https://example.com/x.png}$', '$\\htmlStyle{color:red}{x}$',
  '$\\htmlId{message}{x}$', '$\\def\\a{\\a\\a}\\a$', '$\\rule{1000000em}{1000000em}$', '$\\unknown{x$', '$$\\begin{array}{c}x$$', '`<script>window.hacked=1</script>`',
  '```js onload=window.hacked=1\n</code></pre><script>window.hacked=1</script>\n```', '```"><script>window.hacked=1</script>\nx\n```', '<javascript:window.hacked=1>',
  '<https://example.com/"onmouseover="window.hacked=1>', '[x]: javascript:window.hacked=1\n\n[x]', '| a |\n|:-:" onclick=window.hacked=1|\n| b |',
  '\u2028<script>window.hacked=1</script>', '[x](https://example.com "\\"onmouseover=window.hacked=1")', '# <b id=message name=message>x</b>',
];

/** What is wrong with the elements that a reply became, as words. */
function findHarm() {
  const allowed = new Set(['A', 'BLOCKQUOTE', 'BR', 'BUTTON', 'CODE', 'DEL', 'DIV', 'EM', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'HR', 'IMG', 'LI', 'OL', 'P', 'PRE',
    'S', 'SPAN', 'STRONG', 'TABLE', 'TBODY', 'TD', 'TH', 'THEAD', 'TR', 'UL']);
  const harm = [];
  if (window.hacked) harm.push(`script ran: ${window.hacked}`);
  for (const text of document.querySelectorAll('.reply .text')) {
    for (const element of text.querySelectorAll('*')) {
      // KaTeX's own: MathML, and lines drawn with SVG; the icons of our buttons.
      const drawn = element.closest('.katex, svg.icon');
      if (!drawn && !allowed.has(element.tagName)) harm.push(`element ${element.tagName}`);
      if (['SCRIPT', 'IFRAME', 'OBJECT', 'FORM', 'STYLE', 'LINK', 'META', 'BASE', 'INPUT'].includes(element.tagName.toUpperCase())) harm.push(`element ${element.tagName}`);
      for (const {name, value} of element.attributes) {
        if (name.startsWith('on') || name === 'id' || name === 'name' || name === 'srcdoc') harm.push(`attribute ${name}`);
        if (name === 'style' && !drawn) harm.push('attribute style');
        if (['href', 'src', 'xlink:href'].includes(name) && !/^(https?:|mailto:|data:image\/(png|jpeg|gif|webp);)/i.test(value)) harm.push(`${name} ${value}`);
      }
      if (element.tagName === 'IMG' && !element.src.startsWith('data:')) harm.push(`image ${element.src}`);
      if (element.tagName === 'A' && !drawn && !(element.rel.includes('noopener') && element.target === '_blank')) harm.push(`link ${element.href} without noopener`);
    }
  }
  return harm;
}

async function saySafely(visit, page, text) {
  await page.route('**/v1/chat/completions', (route) => route.fulfill({contentType: 'text/event-stream', body: eventsSaying(text)}));
  await visit.say('go');
  await page.waitForTimeout(60);  // for what would run later
  const harm = await page.evaluate(findHarm);
  await page.unroute('**/v1/chat/completions');
  return harm;
}

visitTest('a malicious reply does nothing', {}, async (visit, page) => {
  assert.deepEqual(await saySafely(visit, page, kMalicious), []);
  await page.waitForTimeout(300);
  const reply = page.locator('.reply').last();
  assert.match(await reply.textContent(), /Before <script>/);
  // Hovering and clicking what it made does nothing either.
  await reply.locator('th, td, code').first().hover();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator('#composer').count(), 1);
  await visit.shoot('malicious');
});

visitTest('many malicious pieces', {}, async (visit, page) => {
  for (const piece of kPieces) assert.deepEqual(await saySafely(visit, page, piece), [], piece);
});

visitTest('malicious thoughts, titles and model names', {}, async (visit, page) => {
  await page.route('**/v1/chat/completions', (route) => route.fulfill({
    contentType: 'text/event-stream', body: eventsSaying('x').replaceAll('"content"', '"reasoning_content"').replace('"x"', JSON.stringify(kMalicious)),
  }));
  await page.route('**/v1/models', (route) => route.fulfill({json: {data: [{id: '<img src=x onerror=window.hacked=1>'}]}}));
  await page.reload();
  await page.waitForFunction(() => document.querySelector('#model').value.includes('onerror'));
  const reply = await visit.say('<img src=x onerror=window.hacked=2>');
  await reply.locator('summary').click();
  await page.waitForTimeout(300);
  assert.deepEqual(await page.evaluate(findHarm), []);
  assert.equal(await page.locator('#messages img, #conversations img').count(), 0);
});

visitTest('malicious files to import', {}, async (visit, page) => {
  const conversation = {
    id: 'a', title: '<img src=x onerror=window.hacked=1>', created: 1, updated: Date.now(), settings: {},
    nodes: {
      root: {children: ['b'], chosen: 'b'}, b: {role: 'user', content: '<script>window.hacked=2</script>', children: ['c']},
      c: {role: 'assistant', model: '<b>', content: kMalicious, reasoning: kMalicious, children: [], error: {message: '<img src=x onerror=window.hacked=3>'}, state: 'failed'},
    },
  };
  const text = JSON.stringify({format: 'pangu-conversations', version: 1, conversations: [conversation]});
  await page.setInputFiles('#import-file', {name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(text)});
  await page.waitForSelector('.reply');
  await page.waitForTimeout(300);
  assert.deepEqual(await page.evaluate(findHarm), []);
});

visitTest('without the libraries, replies are text', {server: {share: '/nonexistent'}}, async (visit, page) => {
  assert.deepEqual(await saySafely(visit, page, kMalicious), []);
  const reply = await visit.say('show me markdown');
  const text = await reply.textContent();
  assert.match(text, /\*\*key\*\*/);
  assert.match(text, /\$\$\n\\mathbb/);
  assert.equal(await reply.locator('.code-block').count(), 1);
  assert.match(await reply.locator('.code-block code').textContent(), /^def get/);
  await visit.shoot('plain');
});

visitTest('the policy is there and strict', {}, async (visit, page) => {
  for (const path of ['', 'status.html', 'js/app.js']) {
    const policy = (await page.request.get(new URL(path, visit.base).href)).headers()['content-security-policy'];
    assert.match(policy, /default-src 'none'/, path);
    assert.ok(!policy.includes('unsafe'), policy);
  }
  // Even a script of the page could not make HTML of a string.
  const made = await page.evaluate(() => {
    try {
      document.createElement('div').innerHTML = '<b>x</b>';
      return 'made';
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(made, 'TypeError');
  visit.errors = visit.errors.filter((text) => !/TrustedHTML/.test(text));
});
