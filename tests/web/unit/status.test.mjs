// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {metricsText, props} from '../stub/figures.mjs';
import {Figures, growth, parseMetrics, quantile} from '../../../web/js/status/prometheus.js';
import {History} from '../../../web/js/status/history.js';
import {roundUp} from '../../../web/js/status/chart.js';
import {drawable, front, nameOf, ticks} from '../../../web/js/status/pareto.js';

test('the text format', () => {
  assert.deepEqual(parseMetrics('# HELP a b\n# TYPE a counter\na 1\na{x="y",z="q\\"\\n\\\\"} 2.5e3 1700000000\n\nb{} +Inf\nc NaN\nnot a line at all !\n'), [
    {name: 'a', labels: {}, value: 1}, {name: 'a', labels: {x: 'y', z: 'q"\n\\'}, value: 2500}, {name: 'b', labels: {}, value: Infinity},
    {name: 'c', labels: {}, value: NaN},
  ]);
});

test('figures of one model and of all', () => {
  const figures = new Figures(parseMetrics('pangu_generation_tokens_total{model_name="a"} 3\npangu_generation_tokens_total{model_name="b"} 4\npangu_kv_cache_usage_perc{model_name="a"} 0.5\npangu_kv_cache_usage_perc{model_name="b"} 0.25\n'), 0);
  assert.equal(figures.value('written'), 7);
  assert.equal(figures.value('written', 'b'), 4);
  assert.equal(figures.value('cacheUse'), 0.5);
  assert.equal(figures.value('waiting'), undefined);
  assert.deepEqual(figures.models(), ['a', 'b']);
});

test('other servers’ names are understood', () => {
  assert.equal(new Figures(parseMetrics('llamacpp:tokens_predicted_total 9'), 0).value('written'), 9);
  assert.equal(new Figures(parseMetrics('vllm:num_requests_running{model_name="m"} 2'), 0).value('running'), 2);
});

test('a counter that became smaller began anew', () => {
  assert.equal(growth(5, 8), 3);
  assert.equal(growth(5, 2), 2);
  assert.equal(growth(undefined, 2), undefined);
});

test('quantiles are interpolated in their bucket', () => {
  const buckets = [[1, 10], [2, 30], [Infinity, 40]];
  assert.equal(quantile([], buckets, 0.5), 1.5);
  assert.equal(quantile([], buckets, 0.25), 1);
  assert.equal(quantile([], buckets, 0.99), 2);
  assert.equal(quantile(buckets, buckets, 0.5), undefined);
  assert.equal(quantile([[1, 10], [2, 10], [Infinity, 20]], buckets, 0.5), 1.5);
  assert.equal(quantile([], [], 0.5), undefined);
});

test('rates and shares over time', () => {
  const history = new History();
  for (let second = 0; second <= 60; second += 2) {
    history.add(new Figures(parseMetrics(`pangu_generation_tokens_total ${second * 7}\npangu_spec_decode_num_draft_tokens_total ${second * 10}\npangu_spec_decode_num_accepted_tokens_total ${second * 4}\n`), second * 1000));
  }
  assert.equal(history.rate('written'), 7);
  assert.equal(history.rate('read'), undefined);
  assert.equal(history.share('accepted', 'guessed').share, 0.4);
  assert.equal(history.series((index) => history.rate('written', null, index)).length, 30);
  for (let second = 62; second < 1000; second += 2) history.add(new Figures([], second * 1000));
  assert.ok(history.moments.length < 160);
});

test('what the stub tells is understood', () => {
  const figures = new Figures(parseMetrics(metricsText(0)), 0);
  for (const key of ['written', 'read', 'running', 'waiting', 'cacheUse', 'cacheAsked', 'cacheHit', 'guessed', 'accepted', 'finished', 'weights', 'memory']) {
    assert.ok(Number.isFinite(figures.value(key)), key);
  }
  assert.ok(figures.buckets('firstToken').length > 5);
});

test('axes have round numbers', () => {
  assert.deepEqual([0, 0.7, 1, 1.1, 23, 251, 1000].map(roundUp), [1, 1, 1, 2, 25, 500, 1000]);
  assert.deepEqual(ticks(0.2, 6.4, 8).map((tick) => tick.toFixed(1)), ['1.0', '2.0', '3.0', '4.0', '5.0', '6.0']);
});

test('the front is what no other beats', () => {
  const point = (answer_s, kept, resident_bytes) => ({answer_s, kept, resident_bytes});
  const [fast, good, beaten, small, same] = [point(1, 0.8, 9), point(3, 1, 9), point(3, 0.9, 9), point(4, 0.7, 1), point(1, 0.8, 9)];
  assert.deepEqual(front([fast, good, beaten, small, same]), [fast, good, small, same]);
  const {math} = props().profile.kinds;
  assert.equal(drawable([...math, {kept: null, answer_s: 1}]).length, math.length);
  assert.ok(front(math).length < math.length);
  assert.equal(nameOf({strategy: 'q4_0+kv-int8, thinking fast, speculation off', variant: 'q4_0+kv-int8'}), 'q4_0+kv-int8, thinking fast');
  assert.equal(nameOf({strategy: 'original, speculation auto'}), 'original, speculation auto');
  assert.equal(nameOf({variant: 'w8a8'}), 'w8a8');
});
