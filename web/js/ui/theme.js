// SPDX-License-Identifier: Apache-2.0
// Light, dark, or what the system says. The colours are in css/base.css.
import {getPreference, setPreference} from '../store/preferences.js';

export const kThemes = ['system', 'light', 'dark'];

export function currentTheme() {
  const theme = getPreference('theme', 'system');
  return kThemes.includes(theme) ? theme : 'system';
}

export function setTheme(theme) {
  setPreference('theme', theme === 'system' ? null : theme);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function nextTheme() {
  return kThemes[(kThemes.indexOf(currentTheme()) + 1) % kThemes.length];
}
