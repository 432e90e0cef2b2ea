// SPDX-License-Identifier: Apache-2.0
// A small chart of the last minutes: a line over its area, from zero to a round number above the most.
import {svg} from '../ui/dom.js';

const kWidth = 300, kHeight = 72, kTop = 6;

/** The next of 1, 2, 2.5, 5 times a power of ten that is not below the value. */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value * (1 - 1e-9));
}

/**
 * @param {[number, number][]} points  seconds (negative: ago) and values
 * @param {object} options  seconds: how far the axis goes back; label; most: the top, otherwise a round one
 */
export function chart(points, {seconds, label, most}) {
  const top = most ?? roundUp(Math.max(0, ...points.map(([, value]) => value)));
  const x = (second) => (kWidth * (seconds + second)) / seconds;
  const y = (value) => kHeight - ((kHeight - kTop) * Math.min(value, top)) / top;
  const shown = points.filter(([second]) => second >= -seconds);
  const line = shown.map(([second, value], i) => `${i ? 'L' : 'M'}${x(second).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const area = shown.length > 1 ? `${line}L${kWidth} ${kHeight}L${x(shown[0][0]).toFixed(1)} ${kHeight}Z` : '';
  return svg('svg', {viewBox: `0 0 ${kWidth} ${kHeight}`, class: 'chart', preserveAspectRatio: 'none', role: 'img', 'aria-label': label},
    ...[kTop, (kHeight + kTop) / 2, kHeight - 0.5].map((at) => svg('line', {x1: 0, x2: kWidth, y1: at, y2: at, class: 'chart-grid'})),
    svg('path', {d: area, class: 'chart-area'}),
    svg('path', {d: line, class: 'chart-line', fill: 'none'}));
}
