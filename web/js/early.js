// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint, and so is no module: gives the page its theme and language before
// anything is drawn, so that neither flashes. js/ui/theme.js and js/i18n/i18n.js change them later.
(() => {
  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(`pangu.${key}`));
    } catch {
      return null;  // storage forbidden, or not ours: the defaults
    }
  };
  const theme = read('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const language = read('language') ?? navigator.language;
  document.documentElement.lang = String(language).toLowerCase().startsWith('zh') ? 'zh' : 'en';
})();
