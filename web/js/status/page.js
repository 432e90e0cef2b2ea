// SPDX-License-Identifier: Apache-2.0
// The status page: asks /metrics every two seconds while it is looked at, /props once.
import {request} from '../api/client.js';
import {serverProps} from '../api/models.js';
import {language, setLanguage, t, translate} from '../i18n/i18n.js';
import {byId} from '../ui/dom.js';
import {drawIcons, icon} from '../ui/icons.js';
import {currentTheme, nextTheme, setTheme} from '../ui/theme.js';
import {errorText} from '../views/errors.js';
import {askForKey} from '../views/key_dialog.js';
import {cards, modelTable} from './cards.js';
import {History, kEverySeconds} from './history.js';
import {profilePanel} from './pareto.js';
import {Figures, parseMetrics} from './prometheus.js';

const history = new History();
let profile = null;
let failure = null;  // the last error, until an answer comes
let seen = null;     // when figures came last
let timer = 0;

async function poll() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    const text = await (await request('metrics', {accept: 'text/plain'})).text();
    history.add(new Figures(parseMetrics(text), performance.now()));
    failure = null;
    seen = new Date();
  } catch (error) {
    failure = error;
    if (error.status === 401 && await askForKey(errorText(error))) return start();
  }
  draw();
  timer = setTimeout(poll, kEverySeconds * 1000);
}

function drawLive() {
  const live = byId('live');
  const state = document.hidden ? 'paused' : failure ? 'lost' : 'live';
  live.dataset.state = state;
  const words = state === 'lost' && !seen ? errorText(failure) : t(`status.${state}`, {time: seen?.toLocaleTimeString(language()) ?? ''});
  if (live.textContent !== words) live.textContent = words;
}

function drawServer() {
  const info = history.last?.info();
  const about = info ? Object.entries(info).map(([name, value]) => `${name} ${value}`) : [];
  byId('server').textContent = [...about, t('status.every', {n: kEverySeconds, path: '/metrics'})].join(' · ');
}

function draw() {
  drawLive();
  drawServer();
  const missing = byId('missing');
  missing.hidden = !failure || Boolean(seen);
  if (failure) missing.textContent = t('status.noMetrics', {reason: errorText(failure)});
  if (!history.last) return;
  byId('cards').replaceChildren(...cards(history));
  const models = byId('models');
  models.hidden = !history.last.models().length;
  const focused = models.contains(document.activeElement);
  const title = Object.assign(document.createElement('h2'), {textContent: t('status.models')});
  models.replaceChildren(title, modelTable(history));
  if (focused) models.querySelector('[tabindex]')?.focus();
}

function drawProfile() {
  const panel = profilePanel(profile);
  byId('profile').hidden = !panel;
  byId('profile').replaceChildren(...(panel ?? []));
}

function drawFrame() {
  translate();
  document.title = `${t('status.title')} · ${t('app.name')}`;
  const theme = currentTheme();
  const button = byId('theme');
  button.replaceChildren(icon({system: 'system', light: 'sun', dark: 'moon'}[theme]));
  button.title = t('header.theme', {theme: t(`theme.${theme}`)});
  button.setAttribute('aria-label', button.title);
}

async function start() {
  await poll();
  profile = (await serverProps().catch(() => null))?.profile ?? null;
  drawProfile();
}

byId('theme').addEventListener('click', () => { setTheme(nextTheme()); drawFrame(); });
byId('language').addEventListener('click', () => {
  setLanguage(language() === 'zh' ? 'en' : 'zh');
  drawFrame();
  draw();
  drawProfile();
});
document.addEventListener('visibilitychange', () => { drawLive(); poll(); });
drawFrame();
drawIcons();
start();
