// SPDX-License-Identifier: Apache-2.0
// The cards of figures: speed, requests, guesses, cache, latency, memory.
import {h, svg} from '../ui/dom.js';
import {formatBytes, formatNumber, formatPercent, formatRate, formatSeconds, t} from '../i18n/i18n.js';
import {chart, roundUp} from './chart.js';
import {kMinutes} from './history.js';

const kLeastSeconds = 60;  // of a chart that has only begun

function card(title, value, note, picture = null) {
  return h('article.card', {}, h('h2', {textContent: title}), h('p.card-value', {}, ...[value].flat()), h('p.card-note', {textContent: note ?? ''}), picture);
}

const withUnit = (value, unit) => [h('span', {textContent: value}), h('span.unit', {textContent: unit})];
const told = (value, format) => (value === undefined ? '–' : format(value));

function lineOf(history, title, valueAt, format, most) {
  const points = history.series(valueAt);
  if (points.length < 2) return h('div.chart.empty');
  const top = Math.max(...points.map(([, value]) => value));
  const seconds = Math.min(kMinutes * 60, Math.max(kLeastSeconds, -points[0][0]));
  const time = formatSeconds(seconds);
  const label = t('status.chart', {name: title, value: format(points.at(-1)[1]), most: format(top), time});
  return h('div.chart-frame', {},
    h('span.chart-top', {textContent: format(most ?? roundUp(top)), aria: {hidden: 'true'}}),
    chart(points, {seconds, label, most}),
    h('span.chart-axis', {aria: {hidden: 'true'}}, h('span', {textContent: t('status.window', {time})}), h('span', {textContent: t('status.now')})));
}

function speedCard(history, key, title) {
  const rate = (index) => history.rate(key, null, index);
  return card(title, withUnit(told(rate(), formatRate), t('status.perSecond')), '', lineOf(history, title, rate, formatRate));
}

function requestsCard(history) {
  const {last} = history;
  const waiting = last.value('waiting');
  const title = t('status.requests');
  return card(title, [t('status.running', {n: told(last.value('running'), formatNumber)})],
    waiting === undefined ? '' : t('status.waiting', {n: formatNumber(waiting)}),
    lineOf(history, title, (index) => history.moments[index].value('running'), formatNumber));
}

function cacheUseCard(history) {
  const title = t('status.cache');
  const memory = [['memory', 'status.memory'], ['weights', 'status.weights']]
    .filter(([key]) => history.last.value(key) !== undefined)
    .map(([key, words]) => t(words, {n: formatBytes(history.last.value(key))}));
  return card(title, told(history.last.value('cacheUse'), formatPercent), memory.join(' · '),
    lineOf(history, title, (index) => history.moments[index].value('cacheUse'), formatPercent, 1));
}

function shareBar(share = 0) {
  return svg('svg', {class: 'share-bar', viewBox: '0 0 100 1', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
    svg('rect', {width: 100 * share, height: 1}));
}

function guessesCard(history) {
  const {share} = history.share('accepted', 'guessed');
  const rate = history.rate('guessed');
  return card(t('status.accepted'), told(share, formatPercent),
    share === undefined ? t('status.noGuesses') : t('status.acceptedNote', {n: told(rate, formatRate)}), shareBar(share));
}

function hitsCard(history) {
  const {share, of} = history.share('cacheHit', 'cacheAsked');
  return card(t('status.hits'), told(share, formatPercent),
    share === undefined ? t('status.noPrompts') : t('status.hitsNote', {n: formatNumber(of)}), shareBar(share));
}

function latencyCard(history, key, title) {
  const slow = history.quantile(key, 0.95);
  return card(title, told(history.quantile(key, 0.5), formatSeconds), slow === undefined ? '' : t('status.p95', {time: formatSeconds(slow)}));
}

// Where there is no card of the cache for it to stand in.
function memoryCard({last}) {
  const weights = last.value('weights');
  return card(t('status.memoryTitle'), told(last.value('memory'), formatBytes), weights === undefined ? '' : t('status.weights', {n: formatBytes(weights)}));
}

/** The cards that the server tells figures for. */
export function cards(history) {
  const tells = (key) => history.last.value(key) !== undefined;
  return [
    tells('written') && speedCard(history, 'written', t('status.speed')),
    tells('read') && speedCard(history, 'read', t('status.prefill')),
    tells('running') && requestsCard(history),
    tells('cacheUse') && cacheUseCard(history),
    !tells('cacheUse') && tells('memory') && memoryCard(history),
    tells('guessed') && guessesCard(history),
    tells('cacheAsked') && hitsCard(history),
    history.last.buckets('firstToken').length && latencyCard(history, 'firstToken', t('status.first')),
    history.last.buckets('betweenTokens').length && latencyCard(history, 'betweenTokens', t('status.between')),
  ].filter(Boolean);
}

/** A row for each model. */
export function modelTable(history) {
  const {last} = history;
  const columns = [
    ['status.speed', (model) => history.rate('written', model), (rate) => `${formatRate(rate)} ${t('status.perSecond')}`],
    ['status.running', (model) => last.value('running', model), formatNumber],
    ['status.written', (model) => last.value('written', model), formatNumber],
    ['status.read', (model) => last.value('read', model), formatNumber],
    ['status.finished', (model) => last.value('finished', model), formatNumber],
    ['status.size', (model) => last.value('weights', model), formatBytes],
  ].filter(([, valueOf]) => last.models().some((model) => valueOf(model) !== undefined));
  const title = (key) => (key === 'status.running' ? t('status.requests') : t(key));
  return h('div.table-frame', {tabIndex: 0}, h('table', {},
    h('thead', {}, h('tr', {}, h('th', {textContent: t('status.model'), scope: 'col'}), ...columns.map(([key]) => h('th', {textContent: title(key), scope: 'col'})))),
    h('tbody', {}, ...last.models().map((model) => h('tr', {}, h('th', {textContent: model, scope: 'row'}),
      ...columns.map(([, valueOf, format]) => h('td', {textContent: told(valueOf(model), format)})))))));
}
