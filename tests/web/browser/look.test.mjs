// SPDX-License-Identifier: Apache-2.0
// How the page looks and who can use it: colours and their contrast, narrow screens, names for screen
// readers, the order of focus, both languages, long replies.
import assert from 'node:assert/strict';
import {eventsSaying, visitTest} from './harness.mjs';
import {replyTo} from '../stub/replies.mjs';

const kMarkdown = replyTo([{role: 'user', content: 'markdown'}]).content;
const saying = (text) => (route) => route.fulfill({contentType: 'text/event-stream', body: eventsSaying(text)});

/** The least contrast of visible text below `selector` with what is behind it, and whose it is. */
function leastContrast(selector) {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => rgb.slice(0, 3).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 200) return colour;
    }
    return [255, 255, 255, 255];
  };
  let least = {ratio: 99, text: ''};
  for (const element of document.querySelectorAll(`${selector}, ${selector} *`)) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest('.katex-mathml, [disabled], .visually-hidden')) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least.ratio) least = {ratio, text: `${element.tagName}.${element.className}: ${element.textContent.slice(0, 40)}`};
  }
  return least;
}

for (const scheme of ['light', 'dark']) {
  visitTest(`contrast in ${scheme} colours`, {context: {colorScheme: scheme}}, async (visit, page) => {
    const check = async (selector) => {
      const {ratio, text} = await page.evaluate(leastContrast, selector);
      assert.ok(ratio >= 4.5, `${ratio.toFixed(2)} of ${text}`);
    };
    await check('body');
    await visit.shoot(`welcome-${scheme}`);
    await page.route('**/v1/chat/completions', saying(kMarkdown));
    await visit.say('Explain how a hash table works, with a small example in Python.');
    await page.waitForSelector('.reply .hljs-keyword');
    await page.waitForSelector('.reply .katex');
    await page.waitForTimeout(100);
    await check('body');
    await visit.shoot(`chat-${scheme}`);
    await page.route('**/v1/chat/completions', (route) => route.fulfill({status: 400, json: {error: {message: 'no'}}}));
    await visit.say('x');
    await check('body');
    await page.click('#settings');
    await check('dialog');
    await visit.shoot(`settings-${scheme}`);
    visit.expectStatus(400);
  });
}

visitTest('colours follow the system until they are chosen', {context: {colorScheme: 'dark'}}, async (visit, page) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({colorScheme: 'light'});
  const light = await ground();
  assert.notEqual(dark, light);
  await page.click('#theme');  // light
  await page.click('#theme');  // dark
  assert.equal(await ground(), dark);
  await page.reload();
  assert.equal(await ground(), dark);
  await page.goto(new URL('status.html', visit.base).href);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
});

const kPhone = {viewport: {width: 360, height: 740}, isMobile: true, hasTouch: true, deviceScaleFactor: 2};

visitTest('360 pixels wide', {context: kPhone}, async (visit, page) => {
  const fits = async () => assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth), 360);
  await fits();
  await page.route('**/v1/chat/completions', saying(`${kMarkdown}\n\n${'long'.repeat(60)} \`${'code'.repeat(60)}\` https://example.com/${'path'.repeat(60)}\n\n$${'x+'.repeat(80)}x$`));
  await visit.say(`A message with ${'w'.repeat(120)} in it`);
  await page.waitForTimeout(300);
  await fits();
  const wide = await page.evaluate(() => [...document.querySelectorAll('.message > *')].filter((element) => element.getBoundingClientRect().right > 361).map((element) => element.className));
  assert.deepEqual(wide, []);
  await visit.shoot('phone');
  // The list of conversations lies away, where nothing in it gets the focus, until it is asked for.
  assert.equal(await page.evaluate(() => document.querySelector('#sidebar').inert), true);
  await page.tap('#open-sidebar');
  await page.waitForFunction(() => document.activeElement.id === 'close-sidebar');
  await page.waitForTimeout(250);
  await visit.shoot('phone-conversations');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'open-sidebar');
  await page.tap('#settings');
  await fits();
  await visit.shoot('phone-settings');
  const small = await page.evaluate(() => [...document.querySelectorAll('.actions button, .top-bar button, .top-bar a')]
    .map((element) => element.getBoundingClientRect()).filter(({width, height}) => width && (width < 24 || height < 24)).length);
  assert.equal(small, 0, 'controls too small to touch');
});

visitTest('every control has a name', {}, async (visit, page) => {
  await page.route('**/v1/chat/completions', saying(kMarkdown));
  await visit.say('x');
  await page.click('.reply [data-action=retry]');
  await visit.finished();
  await page.click('#settings');
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select, textarea, summary, [tabindex], dialog')]
    .filter((element) => element.checkVisibility() && !(element.getAttribute('aria-label') || element.getAttribute('aria-labelledby') ||
      element.textContent.trim() || element.labels?.length || element.closest('label')?.textContent.trim()))
    .map((element) => element.outerHTML.slice(0, 120)));
  assert.deepEqual(nameless, []);
  const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map(({id}) => id));
  assert.equal(new Set(ids).size, ids.length, 'ids are unique');
});

visitTest('the focus goes through the page in order, and is seen', {}, async (visit, page) => {
  // From the top of the page.
  await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); });
  const order = [];
  for (let i = 0; i < 20; ++i) {
    await page.keyboard.press('Tab');
    const {id, outline} = await page.evaluate(() => ({
      id: document.activeElement.id || document.activeElement.className, outline: getComputedStyle(document.activeElement).outlineStyle,
    }));
    order.push(id);
    assert.equal(outline, 'solid', `${id} shows no focus`);
    if (id === 'message') break;
  }
  assert.deepEqual(order.slice(0, 3), ['skip-link', 'new-conversation', 'search']);
  const places = ['import', 'export', 'model', 'language', 'theme', 'settings', 'message'].map((id) => order.indexOf(id));
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
});

visitTest('Chinese', {context: {locale: 'zh-CN'}}, async (visit, page) => {
  assert.equal(await page.getAttribute('html', 'lang'), 'zh');
  assert.equal(await page.locator('#new-conversation').textContent(), '新对话');
  await visit.say('小红买了5朵花');
  assert.match(await page.locator('.figures').textContent(), /词元/);
  await visit.shoot('chinese');
  await page.click('#language');
  assert.equal(await page.locator('#new-conversation').textContent(), 'New conversation');
  assert.match(await page.locator('.figures').textContent(), /tokens/);
  await page.reload();
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
});

visitTest('a long reply keeps the blocks that it has', {stubOnly: true}, async (visit, page) => {
  await visit.begin('long text');
  await page.waitForSelector('.reply .answer h3');
  await page.evaluate(() => { window.firstBlock = document.querySelector('.reply .answer > h3'); });
  await visit.finished();
  assert.equal(await page.locator('.reply .answer > h3').count(), 300);
  assert.equal(await page.evaluate(() => window.firstBlock === document.querySelector('.reply .answer > h3')), true);
  await page.waitForFunction(() => document.querySelectorAll('.reply .katex').length === 300);
  // The end is in sight, and stays so when the reader goes there again.
  const left = () => page.evaluate(() => { const s = document.querySelector('#scroll'); return s.scrollHeight - s.clientHeight - s.scrollTop; });
  await page.waitForFunction(() => { const s = document.querySelector('#scroll'); return s.scrollHeight - s.clientHeight - s.scrollTop < 2; });
  await page.evaluate(() => document.querySelector('#scroll').scrollTo(0, 0));
  await page.click('#latest');
  assert.ok(await left() < 2);
});

visitTest('code is coloured once it is complete, and stays as it is', {stubOnly: true}, async (visit, page) => {
  await visit.begin('code first');
  await page.waitForSelector('.reply[data-state=writing] .hljs-keyword');
  await page.evaluate(() => { window.keyword = document.querySelector('.hljs-keyword'); });
  await page.keyboard.press('Escape');
  await visit.finished();
  assert.equal(await page.evaluate(() => window.keyword.isConnected), true);
});

visitTest('a reader who scrolled up is left alone', {stubOnly: true}, async (visit, page) => {
  await visit.say('long text');
  await visit.begin('slow');
  await page.waitForSelector('.reply:last-child[data-state=writing]');
  await page.mouse.move(700, 400);
  await page.mouse.wheel(0, -1500);
  await page.waitForSelector('#latest:not([hidden])');
  const top = await page.evaluate(() => document.querySelector('#scroll').scrollTop);
  await page.waitForTimeout(600);
  assert.equal(await page.evaluate(() => document.querySelector('#scroll').scrollTop), top);
  await page.keyboard.press('Escape');
  await visit.finished();
});
