// SPDX-License-Identifier: Apache-2.0
// /metrics and /props of the stub: the names and forms of the program, figures of a made-up load.

const kBegin = Date.now() - 3600e3;
const kBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

function histogram(name, labels, count, median) {
  // Logistic in the logarithm: a shape like that of real latencies.
  const below = (bound) => Math.round(count / (1 + (bound / median) ** -3));
  const lines = kBuckets.map((bound) => `${name}_bucket{${labels},le="${bound}"} ${below(bound)}`);
  return [`# TYPE ${name} histogram`, ...lines, `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${(count * median * 1.1).toFixed(3)}`, `${name}_count{${labels}} ${count}`];
}

/** What the made-up load did until now, beside `served`, the tokens of requests that really came. */
function load(seconds, share) {
  const wave = (rate, depth, period) => share * rate * (seconds + depth * period / 6.283 * Math.sin(seconds * 6.283 / period));
  return {written: Math.round(wave(96, 0.6, 47)), read: Math.round(wave(410, 0.8, 71)), guessed: Math.round(wave(120, 0.5, 47))};
}

export function metricsText(served) {
  const seconds = (Date.now() - kBegin) / 1000;
  const lines = ['# HELP pangu_build_info What was built.', '# TYPE pangu_build_info gauge',
    'pangu_build_info{version="0.1.0",isa="avx512bf16",backend="cpu"} 1',
    '# TYPE process_resident_memory_bytes gauge', `process_resident_memory_bytes ${1.31e9 + served * 100}`];
  for (const [model, share] of [['pangu-1b', 0.8], ['pangu-nano', 0.2]]) {
    const {written, read, guessed} = load(seconds, share);
    const labels = `model_name="${model}"`;
    const requests = Math.round(seconds * share / 2.5);
    const busy = Math.round(2 + 2 * Math.sin(seconds / 7) * share);
    lines.push(
      '# TYPE pangu_generation_tokens_total counter', `pangu_generation_tokens_total{${labels}} ${written + served}`,
      '# TYPE pangu_prompt_tokens_total counter', `pangu_prompt_tokens_total{${labels}} ${read}`,
      '# TYPE pangu_prefix_cache_queries_total counter', `pangu_prefix_cache_queries_total{${labels}} ${read}`,
      '# TYPE pangu_prefix_cache_hits_total counter', `pangu_prefix_cache_hits_total{${labels}} ${Math.round(read * 0.73)}`,
      '# TYPE pangu_spec_decode_num_draft_tokens_total counter', `pangu_spec_decode_num_draft_tokens_total{${labels}} ${guessed}`,
      '# TYPE pangu_spec_decode_num_accepted_tokens_total counter', `pangu_spec_decode_num_accepted_tokens_total{${labels}} ${Math.round(guessed * 0.58)}`,
      '# TYPE pangu_num_requests_running gauge', `pangu_num_requests_running{${labels}} ${busy}`,
      '# TYPE pangu_num_requests_waiting gauge', `pangu_num_requests_waiting{${labels}} ${Math.max(0, busy - 3)}`,
      '# TYPE pangu_kv_cache_usage_perc gauge', `pangu_kv_cache_usage_perc{${labels}} ${(0.4 + 0.2 * Math.sin(seconds / 31)).toFixed(4)}`,
      '# TYPE pangu_weight_bytes gauge', `pangu_weight_bytes{${labels}} ${model === 'pangu-1b' ? 846e6 : 9e6}`,
      '# TYPE pangu_request_success_total counter', `pangu_request_success_total{${labels},finished_reason="stop"} ${requests}`,
      ...histogram('pangu_time_to_first_token_seconds', labels, requests, 0.18),
      ...histogram('pangu_time_per_output_token_seconds', labels, written, 0.034));
  }
  return `${lines.join('\n')}\n`;
}

// In the form of profile_json() (src/adaptive/report/profile_report.h).
function candidates(scale) {
  const list = [];
  for (const [format, size, speed, kept] of [['bf16', 1, 1, 1], ['w8a16', 0.53, 1.6, 1.0], ['w8a8', 0.53, 1.9, 0.99], ['w4a16-g64', 0.35, 2.7, 0.965], ['w4a8-g64', 0.35, 2.9, 0.95], ['q4_0', 0.34, 2.4, 0.93]]) {
    for (const [kv, less, slower] of [['bf16', 0, 1], ['int8', 0.004, 1.02]]) {
      for (const [thinking, longer, better] of [['own', 1, 0], ['fast', 0.35, -0.21]]) {
        const score = scale * (kept - less + better);
        const variant = `${format}${kv === 'bf16' ? '' : `+kv-${kv}`}`;
        const strategy = `${variant}${thinking === 'own' ? '' : `, thinking ${thinking}`}, speculation off`;
        list.push({strategy, variant, format, kv, thinking, speculation: 'off', items: 320, score: score * 0.63, kept: score,
          kept_ci95: [score - 0.05, score + 0.05], answer_s: 6.2 * longer * slower / speed, resident_bytes: 2.43e9 * size, kl: 0.001});
      }
    }
  }
  return list;
}

export const props = () => ({
  default_generation_settings: {params: {temperature: 0.7, top_p: 0.9, top_k: 40, min_p: 0, n_predict: 4096}},
  total_slots: 16, version: '0.1.0',
  profile: {model: 'pangu-1b', machine: 'AMD EPYC', kinds: {math: candidates(1), code: candidates(0.97)}},
});
