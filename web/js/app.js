// SPDX-License-Identifier: Apache-2.0
// The chat page: makes the parts and ties them together.
import {Chat} from './conversation/chat.js';
import {shownPath} from './conversation/tree.js';
import {language, setLanguage, t, translate} from './i18n/i18n.js';
import {prepareReplies} from './render/reply.js';
import {toast} from './ui/announce.js';
import {byId, h} from './ui/dom.js';
import {drawIcons, icon} from './ui/icons.js';
import {currentTheme, nextTheme, setTheme} from './ui/theme.js';
import {Composer} from './views/composer.js';
import {errorText} from './views/errors.js';
import {askForKey} from './views/key_dialog.js';
import {MessagesView} from './views/messages.js';
import {ModelPicker} from './views/model_picker.js';
import {showSettings} from './views/settings.js';
import {listenToKeys, showKeys} from './views/shortcuts.js';
import {Sidebar} from './views/sidebar.js';

const chat = new Chat();
const picker = new ModelPicker(chat, (error) => askForKey(errorText(error)));
const messages = new MessagesView(chat);
const composer = new Composer(chat, {contextOf: () => picker.contextOf(), editLast: () => messages.editLast()});
const sidebar = new Sidebar(chat, {open, startNew});

async function open(id) {
  if (!await chat.open(id)) startNew();
  else if (!sidebar.narrow.matches) composer.focus();
}

function startNew() {
  chat.startNew();
  composer.focus();
}

// The address names the conversation, so that reloading and going back lead to it.
function updatePage() {
  const {current} = chat;
  const empty = !shownPath(current).length;
  document.title = current.title ? `${current.title} · ${t('app.name')}` : t('app.name');
  byId('page-title').textContent = current.title || t('app.name');
  byId('welcome').hidden = !empty;
  const hash = empty ? '' : `#${current.id}`;
  if (location.hash !== hash) history.pushState(null, '', hash || location.pathname);
}

function drawExamples() {
  byId('examples').replaceChildren(...[1, 2, 3, 4].map((n) => h('li', {},
    h('button', {type: 'button', textContent: t(`welcome.${n}`), on: {click: () => composer.submit(t(`welcome.${n}`))}}))));
}

function drawTheme() {
  const theme = currentTheme();
  const button = byId('theme');
  button.replaceChildren(icon({system: 'system', light: 'sun', dark: 'moon'}[theme]));
  button.title = t('header.theme', {theme: t(`theme.${theme}`)});
  button.setAttribute('aria-label', button.title);
}

function useLanguage(name) {
  setLanguage(name);
  translate();
  drawTheme();
  drawExamples();
  sidebar.draw();
  picker.draw();
  messages.rebuild();
  composer.update();
  updatePage();
}

function openSettings() {
  showSettings(chat.current.settings, picker.defaults, {
    save: (settings) => chat.setSettings(settings),
    setLanguage: useLanguage,
    themeChanged: drawTheme,
    askKey: async () => { if (await askForKey()) picker.load(); },
  });
}

function listen() {
  chat.addEventListener('conversation', updatePage);
  chat.addEventListener('problem', ({detail}) => toast(detail, {kind: 'error'}));
  chat.addEventListener('finished', async ({detail}) => {
    if (detail.error?.status === 401 && await askForKey(errorText(detail.error))) picker.load();
  });
  addEventListener('popstate', () => {
    const id = location.hash.slice(1);
    if (id) open(id);
    else if (shownPath(chat.current).length) startNew();
  });
  addEventListener('pagehide', () => chat.flush());
  addEventListener('error', ({message}) => toast(t('error.page', {message}), {kind: 'error'}));
  addEventListener('unhandledrejection', ({reason}) => toast(t('error.page', {message: String(reason?.message ?? reason)}), {kind: 'error'}));
  byId('theme').addEventListener('click', () => { setTheme(nextTheme()); drawTheme(); });
  byId('language').addEventListener('click', () => useLanguage(language() === 'zh' ? 'en' : 'zh'));
  byId('settings').addEventListener('click', openSettings);
  byId('keys').addEventListener('click', showKeys);
  listenToKeys({
    stop: () => chat.stop(), search: () => sidebar.searchNow(), startNew, focusMessage: () => composer.focus(), settings: openSettings,
  });
}

translate();
drawIcons();
drawTheme();
drawExamples();
listen();
await Promise.all([prepareReplies(), chat.start(location.hash.slice(1))]);
messages.rebuild();
byId('memory-note').hidden = chat.store.persistent;
await picker.load();
composer.update();
if (!sidebar.narrow.matches) composer.focus();
