// SPDX-License-Identifier: Apache-2.0
// What each variant keeps of the original's score, and what an answer takes: the points of a profile
// (profile_json() of the program, or a picture of it), with the ones that no other beats.
import {h, svg} from '../ui/dom.js';
import {formatBytes, formatNumber, formatPercent, formatSeconds, t} from '../i18n/i18n.js';
import {serverUrl} from '../api/client.js';

/** The candidates that can be drawn: quality and time are known. */
export function drawable(candidates) {
  return candidates.filter(({answer_s: seconds, kept}) => Number.isFinite(seconds) && Number.isFinite(kept));
}

/** Those that no other one equals or beats in time, memory and quality together, beating it in one. */
export function front(candidates) {
  const size = ({resident_bytes: bytes}) => (Number.isFinite(bytes) ? bytes : 0);
  const beats = (a, b) => a.answer_s <= b.answer_s && a.kept >= b.kept && size(a) <= size(b) &&
    (a.answer_s < b.answer_s || a.kept > b.kept || size(a) < size(b));
  return candidates.filter((one) => !candidates.some((other) => beats(other, one)));
}

/** What it is called: the strategy, without what it leaves out. */
export function nameOf({strategy, variant}) {
  return (strategy ?? variant ?? '').replace(/, speculation off$/, '');
}

/** Steps of 1, 2 or 5 times a power of ten that cut a range into about `parts`. */
export function ticks(low, high, parts) {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / parts));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => span / each <= parts);
  const list = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) list.push(i * step);
  return list;
}

const kBox = {width: 760, height: 380, left: 64, right: 20, top: 16, bottom: 52};

function scales(points) {
  const range = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = (high - low || Math.abs(high) || 1) * 0.08;
    return [low - margin, high + margin];
  };
  const [x0, x1] = range(points.map(({answer_s: seconds}) => seconds));
  const [y0, y1] = range(points.map(({kept}) => kept));
  const {width, height, left, right, top, bottom} = kBox;
  return {
    x: (value) => left + ((width - left - right) * (value - x0)) / (x1 - x0),
    y: (value) => height - bottom - ((height - top - bottom) * (value - y0)) / (y1 - y0),
    xTicks: ticks(x0, x1, 8), yTicks: ticks(y0, y1, 6),
  };
}

function axes({x, y, xTicks, yTicks}) {
  const {width, height, left, right, top, bottom} = kBox;
  const text = (attributes, words) => svg('text', {class: 'axis-text', ...attributes}, words);
  return [
    ...xTicks.flatMap((tick) => [svg('line', {x1: x(tick), x2: x(tick), y1: top, y2: height - bottom, class: 'chart-grid'}),
      text({x: x(tick), y: height - bottom + 18, 'text-anchor': 'middle'}, formatNumber(tick, 4))]),
    ...yTicks.flatMap((tick) => [svg('line', {x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: 'chart-grid'}),
      text({x: left - 8, y: y(tick) + 4, 'text-anchor': 'end'}, formatPercent(tick))]),
    text({x: (left + width - right) / 2, y: height - 12, 'text-anchor': 'middle'}, t('status.seconds')),
    text({x: 14, y: (top + height - bottom) / 2, 'text-anchor': 'middle', transform: `rotate(-90 14 ${(top + height - bottom) / 2})`}, t('status.kept')),
  ];
}

// The name of a mark beside it, where no other name is: the table has them all.
function label(point, {x, y}, labelled) {
  const words = nameOf(point);
  const width = 7 * words.length;
  const fits = x + 12 + width < kBox.width;
  const left = fits ? x + 12 : x - 12 - width;
  if (left < kBox.left || labelled.some((other) => Math.abs(other.y - y) < 14 && left < other.right && other.left < left + width)) return null;
  labelled.push({y, left, right: left + width});
  return svg('text', {x: fits ? x + 11 : x - 11, y: y + 4, 'text-anchor': fits ? 'start' : 'end'}, words);
}

function plot(points, best, kind) {
  const scale = scales(points);
  const labelled = [];
  const marks = points.map((point) => {
    const on = best.includes(point);
    const at = {x: scale.x(point.answer_s), y: scale.y(point.kept)};
    return svg('g', {class: on ? 'mark best' : 'mark'},
      svg('circle', {cx: at.x, cy: at.y, r: on ? 6.5 : 4}),
      on && label(point, at, labelled),
      svg('title', {}, describe(point)));
  });
  // The best ones last, so that nothing hides them.
  marks.sort((a, b) => a.classList.contains('best') - b.classList.contains('best'));
  return svg('svg', {viewBox: `0 0 ${kBox.width} ${kBox.height}`, class: 'pareto', role: 'img', 'aria-label': `${t('status.profile')}: ${kind}`}, ...axes(scale), ...marks);
}

function describe(point) {
  const size = Number.isFinite(point.resident_bytes) ? `, ${formatBytes(point.resident_bytes)}` : '';
  return `${nameOf(point)}: ${formatPercent(point.kept)}, ${formatSeconds(point.answer_s)}${size}`;
}

function table(best) {
  const two = (value) => formatNumber(value, 2, 2);
  const interval = ({kept, kept_ci95: ci}) => (Array.isArray(ci) ? `${two(kept)} [${ci.map(two).join(', ')}]` : two(kept));
  const head = ['status.variant', 'status.score', 'status.answer', 'status.size'];
  return h('div.table-frame', {tabIndex: 0}, h('table', {},
    h('caption', {textContent: t('status.front')}),
    h('thead', {}, h('tr', {}, ...head.map((key) => h('th', {scope: 'col', textContent: t(key)})))),
    h('tbody', {}, ...[...best].sort((a, b) => a.answer_s - b.answer_s).map((point) => h('tr', {},
      h('th', {scope: 'row', textContent: nameOf(point)}), h('td', {textContent: interval(point)}), h('td', {textContent: formatSeconds(point.answer_s)}),
      h('td', {textContent: Number.isFinite(point.resident_bytes) ? formatBytes(point.resident_bytes) : '–'}))))));
}

/**
 * The panel of a profile, or null where there is nothing to draw. `profile` is {kinds: {KIND: candidates}}
 * or {svg: path of a picture on this server}.
 */
export function profilePanel(profile) {
  if (typeof profile?.svg === 'string' && /^\/?[\w./-]+\.svg$/.test(profile.svg)) {
    return [heading(profile), h('img.pareto', {src: serverUrl(profile.svg), alt: t('status.profile')})];
  }
  const kinds = Object.entries(profile?.kinds ?? {}).map(([kind, list]) => [kind, drawable(list)]).filter(([, list]) => list.length);
  if (!kinds.length) return null;
  const place = h('div');
  const draw = (kind) => {
    const points = Object.fromEntries(kinds)[kind];
    const best = front(points);
    place.replaceChildren(h('div.pareto-frame', {tabIndex: 0}, plot(points, best, kind)), table(best));
  };
  const choice = h('select', {id: 'profile-kind', on: {change: (event) => draw(event.target.value)}}, ...kinds.map(([kind]) => h('option', {value: kind, textContent: kind})));
  draw(kinds[0][0]);
  return [heading(profile), h('label.kind', {htmlFor: 'profile-kind'}, t('status.kind'), choice), place];
}

function heading({model, machine}) {
  const whose = [model?.split('/').at(-1), machine].filter(Boolean).join(', ');
  return h('div', {}, h('h2', {textContent: t('status.profile')}), h('p.note', {textContent: [whose, t('status.profileNote')].filter(Boolean).join('. ')}));
}
