// SPDX-License-Identifier: Apache-2.0
// A browser for all tests of a file, a fresh profile for each, and watching over it: errors in the console
// and requests to anywhere else fail the test that made them.
import assert from 'node:assert/strict';
import {existsSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {chromium} from 'playwright-core';
import {startStub} from '../stub/server.mjs';

const kChromium = process.env.PANGU_CHROMIUM ?? '/usr/bin/chromium';
const kShots = process.env.PANGU_WEB_SCREENSHOTS;
const kServer = process.env.PANGU_WEB_URL;
const kTimeout = 60000;

export const stub = kServer ? null : await startStub();
let browser = null;

before(async () => {
  if (existsSync(kChromium)) browser = await chromium.launch({executablePath: kChromium, args: ['--no-sandbox']});
});
after(async () => {
  await browser?.close();
  await stub?.close();
});

export class Visit {
  errors = [];
  foreign = [];

  static async start(base, options) {
    const visit = new Visit();
    visit.base = base;
    visit.context = await browser.newContext({viewport: {width: 1280, height: 860}, locale: 'en-US', ...options});
    visit.context.setDefaultTimeout(20000);
    visit.context.on('request', (request) => {
      const {origin, protocol} = new URL(request.url());
      if (protocol.startsWith('http') && origin !== new URL(base).origin) visit.foreign.push(request.url());
    });
    visit.page = await visit.open();
    return visit;
  }

  /** Another tab of the same profile. */
  async open(path = '') {
    const page = await this.context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
    await page.goto(new URL(path, this.base).href);
    if (!path) await page.waitForFunction(() => !document.querySelector('#model').disabled || !document.querySelector('#banner').hidden || document.querySelector('dialog'));
    return page;
  }

  /** Errors that the browser itself writes for answers like 429 are expected where a test asks for them. */
  expectStatus(...statuses) {
    this.errors = this.errors.filter((text) => !statuses.some((status) => text.includes(`status of ${status}`)));
  }

  /** Sends a message and waits for the end of the reply; returns its element. */
  async say(text, page = this.page) {
    await this.begin(text, page);
    return this.finished(page);
  }

  async begin(text, page = this.page) {
    await page.fill('#message', text);
    await page.press('#message', 'Enter');
  }

  async finished(page = this.page) {
    await page.waitForFunction(() => {
      const last = document.querySelector('#messages')?.lastElementChild;
      return last?.classList.contains('reply') && last.getAttribute('aria-busy') === 'false';
    });
    return page.locator('.reply').last();
  }

  async shoot(name, page = this.page, options = {}) {
    if (!kShots) return;
    mkdirSync(kShots, {recursive: true});
    await page.waitForTimeout(400);
    await page.screenshot({path: join(kShots, `${name}.png`), ...options});
  }

  async end() {
    await this.context.close();
    assert.deepEqual(this.errors, [], 'errors in the console');
    assert.deepEqual(this.foreign, [], 'requests to other servers');
  }
}

/**
 * A test with a visit of its own.
 * @param {object} options  stubOnly: needs the stub's answers; server: a stub of its own, with these options;
 *   context: of playwright
 */
export function visitTest(name, options, work) {
  const skip = !existsSync(kChromium) ? `no ${kChromium}` : kServer && (options.stubOnly || options.server) ? 'needs the answers of the stub' : false;
  test(name, {skip, timeout: kTimeout}, async () => {
    const own = options.server ? await startStub(options.server) : null;
    const visit = await Visit.start(own?.url ?? kServer ?? stub.url, options.context);
    try {
      await work(visit, visit.page, own ?? stub);
    } catch (error) {
      if (visit.errors.length) error.message += `\nin the console: ${visit.errors.join('\n')}`;
      await visit.context.close();
      throw error;
    } finally {
      await own?.close();
    }
    await visit.end();
  });
}

/** A body of server-sent events that says `text`, for any server: page.route() answers with it. */
export function eventsSaying(text) {
  const chunk = (choice) => `data: ${JSON.stringify({id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{index: 0, ...choice}]})}\n\n`;
  return `${chunk({delta: {content: text}})}${chunk({delta: {}, finish_reason: 'stop'})}data: [DONE]\n\n`;
}
