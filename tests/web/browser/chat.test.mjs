// SPDX-License-Identifier: Apache-2.0
// Conversations: sending, stopping, branches, keeping, keys, settings, errors.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {visitTest} from './harness.mjs';

const titles = (page) => page.locator('.entry-title').allTextContents();
const userTexts = (page) => page.locator('.user-text').allTextContents();

visitTest('a conversation', {}, async (visit, page, stub) => {
  const first = await visit.say('Kate buys 5 flowers for 4 yuan each.');
  assert.ok((await first.locator('.answer').textContent()).trim());
  assert.match(await first.locator('.figures').textContent(), /tokens/);
  await visit.say('And then?');
  assert.equal(await page.locator('.message').count(), 4);
  assert.deepEqual(await titles(page), ['Kate buys 5 flowers for 4 yuan each.']);
  assert.match(page.url(), /#[0-9a-f]+$/);
  assert.equal(await page.locator('#context').textContent().then((text) => /of .* tokens/.test(text)), true);
  if (stub) {
    const {messages, stream} = stub.requests.at(-1);
    assert.deepEqual(messages.map(({role}) => role), ['user', 'assistant', 'user']);
    assert.equal(stream, true);
  }
});

visitTest('Escape stops a reply, and what came stays', {stubOnly: true}, async (visit, page, stub) => {
  const aborted = stub.aborted;
  await visit.begin('slow please');
  await page.waitForFunction(() => document.querySelector('.reply .answer')?.textContent.includes('word3'));
  assert.equal(await page.locator('#send').isVisible(), false);
  await page.keyboard.press('Escape');
  const reply = await visit.finished();
  assert.equal(await reply.getAttribute('data-state'), 'stopped');
  assert.match(await reply.textContent(), /word0 word1.*Stopped\./);
  await page.waitForFunction(() => !document.querySelector('#send').hidden);
  for (let tries = 0; stub.aborted === aborted && tries < 50; ++tries) await page.waitForTimeout(50);
  assert.equal(stub.aborted, aborted + 1);
  // The button does the same.
  await visit.begin('slow again');
  await page.waitForSelector('.reply:last-child[data-state=writing]');
  await page.click('#stop');
  assert.equal(await (await visit.finished()).getAttribute('data-state'), 'stopped');
});

visitTest('another try is a branch, and one can go back', {}, async (visit, page) => {
  await visit.say('Tell me something.');
  const first = await page.locator('.reply').getAttribute('data-id');
  await page.click('.reply [data-action=retry]');
  await visit.finished();
  const second = await page.locator('.reply').getAttribute('data-id');
  assert.notEqual(first, second);
  assert.equal(await page.locator('.reply .branches').textContent(), '2/2');
  await page.click('.reply [data-action=branch-left]');
  assert.equal(await page.locator('.reply').getAttribute('data-id'), first);
  assert.equal(await page.locator('.reply [data-action=branch-left]').isDisabled(), true);
});

visitTest('an edited message is a branch, kept over a reload', {}, async (visit, page) => {
  await visit.say('First wording');
  await visit.say('Second message');
  await page.locator('.user [data-action=edit]').first().click();
  await page.fill('.editor textarea', 'Other wording');
  await page.press('.editor textarea', 'Enter');
  await visit.finished();
  assert.deepEqual(await userTexts(page), ['Other wording']);
  await page.reload();
  await page.waitForSelector('.reply');
  assert.deepEqual(await userTexts(page), ['Other wording']);
  await page.click('.user [data-action=branch-left]');
  assert.deepEqual(await userTexts(page), ['First wording', 'Second message']);
  // Cancelling changes nothing and gives the focus back.
  await page.locator('.user [data-action=edit]').first().click();
  await page.fill('.editor textarea', 'not sent');
  await page.press('.editor textarea', 'Escape');
  assert.deepEqual(await userTexts(page), ['First wording', 'Second message']);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'edit');
});

visitTest('a reload while a reply is written keeps what came', {stubOnly: true}, async (visit, page) => {
  await visit.begin('slow please');
  await page.waitForFunction(() => document.querySelector('.reply .answer')?.textContent.includes('word60'));
  await page.reload();
  await page.waitForSelector('.reply[data-state=interrupted]');
  assert.match(await page.locator('.reply').textContent(), /word20/);
  await page.click('.reply [data-action=retry]');
  await page.waitForSelector('.reply[data-state=writing]');
  await page.click('#stop');
  await visit.finished();
});

visitTest('several conversations: rename, search, delete, undo', {}, async (visit, page) => {
  await visit.say('About apples');
  await page.keyboard.press('Alt+n');
  await visit.say('About pears');
  assert.deepEqual(await titles(page), ['About pears', 'About apples']);
  await page.locator('.entry a', {hasText: 'apples'}).click();
  await page.waitForFunction(() => document.querySelector('.user-text')?.textContent === 'About apples');
  await page.locator('.entry', {hasText: 'apples'}).hover();
  await page.locator('.entry', {hasText: 'apples'}).locator('[data-action=rename]').click();
  await page.fill('.rename', 'Fruit');
  await page.press('.rename', 'Enter');
  await page.waitForFunction(() => document.title.startsWith('Fruit') || [...document.querySelectorAll('.entry-title')].some((e) => e.textContent === 'Fruit'));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('pear');
  assert.deepEqual(await titles(page), ['About pears']);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.user-text')?.textContent === 'About pears');
  await page.fill('#search', '');
  await page.locator('.entry', {hasText: 'Fruit'}).hover();
  await page.locator('.entry', {hasText: 'Fruit'}).locator('[data-action=delete]').click();
  await page.waitForFunction(() => document.querySelectorAll('.entry').length === 1);
  await page.locator('.toast button', {hasText: 'Undo'}).click();
  await page.waitForFunction(() => document.querySelectorAll('.entry').length === 2);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('.user-text')?.textContent === 'About pears');
});

visitTest('export and import', {}, async (visit, page) => {
  await visit.say('To be kept');
  await page.click('.reply [data-action=retry]');
  await visit.finished();
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export')]);
  assert.match(download.suggestedFilename(), /^pangu-conversations-\d{4}-\d\d-\d\d\.json$/);
  const file = await download.path();
  const [{nodes}] = JSON.parse(readFileSync(file, 'utf8')).conversations;
  assert.equal(Object.keys(nodes).length, 4);
  // Into a browser that has nothing, and once more into this one.
  const other = await visit.open('#');
  await other.evaluate(() => new Promise((resolve) => { indexedDB.deleteDatabase('nothing').onsuccess = resolve; }));
  await page.setInputFiles('#import-file', file);
  await page.waitForFunction(() => document.querySelectorAll('.entry').length === 2);
  assert.equal(await page.locator('.reply .branches').textContent(), '2/2');
  await page.setInputFiles('#import-file', {name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"other"}')});
  await page.waitForSelector('.toast[data-kind=error]');
  assert.match(await page.locator('.toast[data-kind=error]').textContent(), /no conversations of this page/);
  assert.equal(await page.locator('.entry').count(), 2);
});

visitTest('another tab sees what changed', {}, async (visit, page) => {
  const other = await visit.open();
  await visit.say('Said in one tab');
  await other.waitForFunction(() => document.querySelector('.entry-title')?.textContent === 'Said in one tab');
  await other.locator('.entry a').click();
  await other.waitForSelector('.reply');
  await visit.say('Once more');
  await other.waitForFunction(() => document.querySelectorAll('.message').length === 4);
});

visitTest('thinking is folded, with its time, and can be ended', {stubOnly: true}, async (visit, page) => {
  const reply = await visit.say('think about it');
  assert.match(await reply.locator('summary').textContent(), /Thought for/);
  assert.equal(await reply.locator('.thoughts-text').isVisible(), false);
  await reply.locator('summary').click();
  await reply.locator('.thoughts-text', {hasText: 'Basel problem'}).waitFor();  // drawn once it is open
  await visit.begin('ponder');
  await page.waitForSelector('.reply:last-child .thoughts.active');
  await page.click('.reply:last-child .thoughts .text-button');
  const ended = await visit.finished();
  assert.match(await ended.locator('.answer').textContent(), /That took long/);
});

visitTest('errors are told in the server’s words', {stubOnly: true}, async (visit) => {
  const told = async (text) => (await visit.say(text)).locator('.notes').textContent();
  assert.match(await told('status 429'), /the queue is full: 64 requests wait[\s\S]*7 s/);
  assert.match(await told('status 400'), /5200 tokens do not fit into a context of 4096/);
  assert.match(await told('fail late'), /the weights were removed while the reply was written/);
  assert.match(await told('break off'), /connection broke/);
  assert.match(await told('limit'), /limit of tokens/);
  assert.match(await told('nothing'), /empty/);
  visit.expectStatus(429, 400);
  visit.errors = visit.errors.filter((text) => !text.includes('ERR_INCOMPLETE_CHUNKED_ENCODING'));
});

visitTest('a server that asks for a key', {server: {apiKey: 'secret'}}, async (visit, page) => {
  await page.waitForSelector('#api-key');
  assert.match(await page.locator('dialog').textContent(), /no such API key/);
  await page.fill('#api-key', 'wrong');
  await page.press('#api-key', 'Enter');
  await page.waitForFunction(() => document.querySelector('#api-key')?.value === 'wrong');
  await page.fill('#api-key', 'secret');
  await page.press('#api-key', 'Enter');
  await page.waitForFunction(() => !document.querySelector('#model').disabled);
  await visit.say('hello');
  const other = await visit.open();  // not remembered: another tab is asked again
  await other.waitForSelector('#api-key');
  visit.expectStatus(401);
});

visitTest('a server that is still loading', {server: {loading: true}}, async (visit, page, stub) => {
  await page.waitForSelector('#banner:not([hidden])');
  assert.match(await page.locator('#banner').textContent(), /loading a model/);
  stub.loading = false;
  await page.waitForFunction(() => !document.querySelector('#model').disabled && document.querySelector('#banner').hidden);
  await visit.say('hello');
  visit.expectStatus(503);
});

visitTest('models that load, and one that failed', {}, async (visit, page) => {
  let status = 'loading';
  await page.route('**/v1/models', (route) => route.fulfill({json: {data: [{id: 'broken', status: 'failed'}, {id: 'big', status}, {id: 'small', status: 'ready'}]}}));
  await page.reload();
  const options = () => page.locator('#model option').allTextContents();
  await page.waitForFunction(() => document.querySelectorAll('#model option').length === 3);
  assert.deepEqual(await options(), ['broken (failed)', 'big (loading)', 'small']);
  assert.equal(await page.inputValue('#model'), 'small');
  status = 'ready';
  await page.waitForFunction(() => document.querySelectorAll('#model option')[1].textContent === 'big');
});

visitTest('settings are sent, and wrong ones are not taken', {stubOnly: true}, async (visit, page, stub) => {
  await page.keyboard.press('Control+,');
  await page.fill('#settings-system', 'Be brief.');
  await page.fill('#settings-temperature', '3');
  await page.fill('#settings-seed', '7');
  assert.equal(await page.getAttribute('#settings-temperature', 'placeholder'), 'server: 0.7');
  await page.click('dialog .primary');
  assert.equal(await page.getAttribute('#settings-temperature', 'aria-invalid'), 'true');
  assert.match(await page.locator('#settings-temperature-note').textContent(), /From 0 to 2/);
  await page.fill('#settings-temperature', '0');
  await page.selectOption('#settings-effort', 'none');
  await page.click('dialog .primary');
  await page.selectOption('#model', 'pangu-nano');
  const reply = await visit.say('system?');
  assert.match(await reply.textContent(), /System: Be brief\./);
  const {temperature, seed, reasoning_effort: effort, top_p: topP, model} = stub.requests.at(-1);
  assert.deepEqual({temperature, seed, effort, topP, model}, {temperature: 0, seed: 7, effort: 'none', topP: undefined, model: 'pangu-nano'});
  await page.reload();
  await page.waitForSelector('.reply');
  assert.equal(await page.inputValue('#model'), 'pangu-nano');
});

visitTest('keys', {}, async (visit, page) => {
  const focused = () => page.evaluate(() => document.activeElement.id);
  await page.fill('#message', 'one');
  await page.press('#message', 'Shift+Enter');
  await page.keyboard.type('two');
  assert.equal(await page.inputValue('#message'), 'one\ntwo');
  assert.equal(await page.locator('.message').count(), 0);
  // Enter that ends the input of a Chinese word.
  await page.dispatchEvent('#message', 'keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true});
  await page.dispatchEvent('#message', 'keydown', {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true});
  assert.equal(await page.locator('.message').count(), 0);
  await page.press('#message', 'Enter');
  await visit.finished();
  assert.equal((await userTexts(page))[0], 'one\ntwo');
  assert.equal(await focused(), 'message');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.inputValue('.editor textarea'), 'one\ntwo');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  assert.equal(await focused(), 'message');
  await page.keyboard.press('Control+k');
  assert.equal(await focused(), 'search');
  await page.locator('#theme').focus();
  await page.keyboard.press('?');
  await page.waitForSelector('dialog .keys');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', {state: 'detached'});
  await page.keyboard.press('Alt+n');
  assert.equal(await page.locator('#welcome').isVisible(), true);
  assert.equal(await focused(), 'message');
});

visitTest('a draft survives a reload', {}, async (visit, page) => {
  await visit.say('hello');
  await page.fill('#message', 'half a thought');
  await page.reload();
  await page.waitForSelector('.reply');
  assert.equal(await page.inputValue('#message'), 'half a thought');
});
