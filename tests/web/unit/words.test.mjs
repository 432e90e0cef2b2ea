// SPDX-License-Identifier: Apache-2.0
// The words of the page: the same keys and places in both languages, none missing, none left over.
import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import {test} from 'node:test';
import {english} from '../../../web/js/i18n/en.js';
import {chinese} from '../../../web/js/i18n/zh.js';
import {formatBytes, formatPercent, formatSeconds, setLanguage, t} from '../../../web/js/i18n/i18n.js';
import {kEfforts, kNumbers} from '../../../web/js/conversation/settings.js';

const kWeb = new URL('../../../web/', import.meta.url);
const sources = readdirSync(kWeb, {recursive: true})
  .filter((name) => /\.(js|html)$/.test(name) && !/i18n.(en|zh)\.js$/.test(name))
  .map((name) => readFileSync(new URL(name, kWeb), 'utf8')).join('\n');

test('both languages have the same keys, with the same places in them', () => {
  assert.deepEqual(Object.keys(chinese), Object.keys(english));
  const places = (words) => [...words.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
  for (const [key, words] of Object.entries(english)) assert.deepEqual(places(chinese[key]), places(words), key);
});

test('what the page asks for is there', () => {
  const asked = [
    ...[...sources.matchAll(/\bt\('([^']+)'/g)].map(([, key]) => key),
    ...[...sources.matchAll(/data-t(?:-label|-hint)?="([^"]+)"/g)].map(([, key]) => key),
    ...kEfforts.map((effort) => `settings.effort.${effort}`),
    ...kNumbers.flatMap(({name}) => [`settings.${name}`, `settings.${name}Note`]),
  ];
  assert.ok(asked.length > 100);
  for (const key of asked) assert.ok(key in english, `no words for ${key}`);
});

test('no words are left over', () => {
  // Some keys are put together: by action, theme, setting, state, problem.
  const made = /^(conversation\.(rename|export|delete)|theme\.|settings\.|problem\.|status\.(live|lost|paused)|welcome\.\d)/;
  for (const key of Object.keys(english)) assert.ok(made.test(key) || sources.includes(`'${key}'`) || sources.includes(`"${key}"`), `${key} is not used`);
});

test('words take values, and unknown keys are mistakes', () => {
  assert.equal(t('branch.of', {index: 1, count: 2}), '1 of 2');
  assert.throws(() => t('no.such.key'));
});

test('figures for people', () => {
  setLanguage('en');
  assert.deepEqual([0, 0.0042, 0.05, 0.31, 3.14, 42, 60, 185].map(formatSeconds), ['0 s', '4.2 ms', '50 ms', '0.31 s', '3.1 s', '42 s', '1 min', '3 min 5 s']);
  assert.deepEqual([12, 1536, 1.31e9].map(formatBytes), ['12 B', '1.5 KiB', '1.2 GiB']);
  assert.equal(formatPercent(0.583), '58%');
});
