// SPDX-License-Identifier: Apache-2.0
// The page of figures.
import assert from 'node:assert/strict';
import {visitTest} from './harness.mjs';

visitTest('figures come and move', {}, async (visit, page) => {
  await page.goto(new URL('status.html', visit.base).href);
  await page.waitForSelector('.card');
  assert.equal(await page.locator('#live').getAttribute('data-state'), 'live');
  await page.waitForFunction(() => document.querySelectorAll('.chart').length > 0);
  assert.match(await page.locator('#server').textContent(), /\/metrics/);
  await page.click('#language');
  assert.match(await page.locator('h1').textContent(), /状态/);
});

visitTest('all cards, the models and the profile', {stubOnly: true}, async (visit, page) => {
  await page.goto(new URL('status.html', visit.base).href);
  await page.waitForSelector('#profile .mark.best');
  await page.waitForFunction(() => document.querySelector('.card-value')?.textContent.match(/\d/));
  assert.deepEqual(await page.locator('.card h2').allTextContents(), ['Writing', 'Reading prompts', 'Requests', 'Cache in use', 'Guesses accepted',
    'Prompts from the cache', 'First token, median', 'Between tokens, median']);
  assert.deepEqual(await page.locator('#models tbody th').allTextContents(), ['pangu-1b', 'pangu-nano']);
  assert.ok(await page.locator('#profile tbody tr').count() > 3);
  await page.selectOption('#profile-kind', 'code');
  await visit.shoot('status', page, {fullPage: true});
  await page.setViewportSize({width: 360, height: 740});
  assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth), 360);
});

visitTest('a server without figures', {}, async (visit, page) => {
  await page.route('**/metrics', (route) => route.fulfill({status: 404, json: {error: {message: 'there are no metrics here'}}}));
  await page.route('**/props', (route) => route.fulfill({status: 404, json: {error: {message: 'no'}}}));
  await page.goto(new URL('status.html', visit.base).href);
  await page.waitForSelector('#missing:not([hidden])');
  assert.match(await page.locator('#missing').textContent(), /there are no metrics here/);
  assert.equal(await page.locator('.card').count(), 0);
  visit.expectStatus(404);
});

visitTest('a picture of the profile', {stubOnly: true}, async (visit, page) => {
  await page.route('**/props', (route) => route.fulfill({json: {profile: {svg: '/front.svg', model: 'm'}}}));
  await page.route('**/front.svg', (route) => route.fulfill({contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="60"/>'}));
  await page.goto(new URL('status.html', visit.base).href);
  await page.waitForFunction(() => document.querySelector('#profile img')?.naturalWidth === 96);
});

visitTest('a server that goes away and comes back', {stubOnly: true}, async (visit, page) => {
  await page.goto(new URL('status.html', visit.base).href);
  await page.waitForSelector('.card');
  await page.route('**/metrics', (route) => route.abort());
  await page.waitForSelector('#live[data-state=lost]');
  await page.unroute('**/metrics');
  await page.waitForSelector('#live[data-state=live]');
  visit.errors = visit.errors.filter((text) => !text.includes('ERR_FAILED'));
});
