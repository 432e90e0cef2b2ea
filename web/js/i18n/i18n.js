// SPDX-License-Identifier: Apache-2.0
// The words of the page in English and Chinese. The language is the browser's, or the one chosen.
import {getPreference, setPreference} from '../store/preferences.js';
import {english} from './en.js';
import {chinese} from './zh.js';

const kLanguages = {en: english, zh: chinese};

function preferred() {
  const language = String(getPreference('language') ?? globalThis.navigator?.language ?? 'en');
  return language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

let current = preferred();

export const language = () => current;

/** The words for a key; {name} in them is replaced by values.name. */
export function t(key, values = {}) {
  const words = kLanguages[current][key] ?? english[key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function setLanguage(name) {
  current = name;
  setPreference('language', name);
  if (globalThis.document) document.documentElement.lang = name;
}

/**
 * Puts words into the HTML below `root`: data-t the text, data-t-label the name (and the tooltip of what
 * can be pressed), data-t-hint the placeholder.
 */
export function translate(root = document) {
  for (const element of root.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tLabel));
    if (element.matches('button, a')) element.title = t(element.dataset.tLabel);
  }
  for (const element of root.querySelectorAll('[data-t-hint]')) element.placeholder = t(element.dataset.tHint);
}

/** A number as the language writes it, with at most `digits` behind the point, and at least `least`. */
export function formatNumber(value, digits = 0, least = 0) {
  return new Intl.NumberFormat(current, {maximumFractionDigits: digits, minimumFractionDigits: least}).format(value);
}

/** A rate with three significant figures or so: 0.42, 7.3, 112. */
export function formatRate(value) {
  return formatNumber(value, value < 1 ? 2 : value < 100 ? 1 : 0);
}

export function formatPercent(share) {
  return new Intl.NumberFormat(current, {style: 'percent', maximumFractionDigits: 0}).format(share);
}

/** Seconds for people: 31 ms, 0.31 s, 12 s, 3 min 5 s. */
export function formatSeconds(seconds) {
  if (seconds > 0 && seconds < 0.1) return t('milliseconds', {n: formatNumber(seconds * 1000, seconds < 0.01 ? 1 : 0)});
  if (seconds < 10) return t('seconds', {n: formatNumber(seconds, seconds < 1 ? 2 : 1)});
  const whole = Math.round(seconds);
  if (whole < 60) return t('seconds', {n: whole});
  return t(whole % 60 ? 'minutes' : 'wholeMinutes', {m: Math.floor(whole / 60), s: whole % 60});
}

const kUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes) {
  let unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.length) {
    bytes /= 1024;
    ++unit;
  }
  return `${formatNumber(bytes, unit === 0 || bytes >= 100 ? 0 : 1)} ${kUnits[unit]}`;
}
