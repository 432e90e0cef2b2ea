// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format 0.0.4 into samples, and questions to them.

const kSample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const kLabel = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*,?\s*/y;

function labelsOf(text) {
  const labels = {};
  kLabel.lastIndex = 0;
  for (let match; kLabel.lastIndex < text.length && (match = kLabel.exec(text));) {
    labels[match[1]] = match[2].replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
  }
  return labels;
}

function numberOf(text) {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return text === 'NaN' ? NaN : Number(text);
}

/** [{name, labels, value}]; lines that are none are passed over. */
export function parseMetrics(text) {
  const samples = [];
  for (const line of text.split('\n')) {
    if (!line || line.startsWith('#')) continue;
    const match = kSample.exec(line.trim());
    if (match) samples.push({name: match[1], labels: labelsOf(match[2] ?? ''), value: numberOf(match[3])});
  }
  return samples;
}

// What the program and the servers that people know call the same thing; all after a prefix.
const kNames = {
  written: ['generation_tokens_total', 'tokens_predicted_total'],
  read: ['prompt_tokens_total'],
  running: ['num_requests_running', 'requests_processing'],
  waiting: ['num_requests_waiting', 'requests_deferred'],
  cacheUse: ['kv_cache_usage_perc', 'kv_cache_usage_ratio'],
  cacheAsked: ['prefix_cache_queries_total', 'prefix_cache_queries'],
  cacheHit: ['prefix_cache_hits_total', 'prefix_cache_hits'],
  guessed: ['spec_decode_num_draft_tokens_total'],
  accepted: ['spec_decode_num_accepted_tokens_total'],
  finished: ['request_success_total'],
  weights: ['weight_bytes'],
  memory: ['process_resident_memory_bytes', 'resident_memory_bytes'],
  firstToken: ['time_to_first_token_seconds'],
  betweenTokens: ['time_per_output_token_seconds', 'inter_token_latency_seconds'],
};
const kFullest = new Set(['cacheUse']);  // of several models the fullest counts, not the sum

const bare = (name) => name.replace(/^(?:pangu|vllm|llamacpp)[_:]/, '');

export const modelOf = ({labels}) => labels.model_name ?? labels.model ?? '';

/** The figures of one moment. */
export class Figures {
  constructor(samples, time) {
    this.time = time;
    this.samples = samples.map((sample) => ({...sample, name: bare(sample.name)}));
  }

  #named(key, suffix = '') {
    for (const name of kNames[key]) {
      const found = this.samples.filter((sample) => sample.name === name + suffix);
      if (found.length) return found;
    }
    return [];
  }

  /** A figure of one model, or over all; undefined where it is not told. */
  value(key, model = null) {
    const found = this.#named(key).filter((sample) => model === null || modelOf(sample) === model);
    if (!found.length) return undefined;
    const values = found.map(({value}) => value).filter(Number.isFinite);
    if (!values.length) return undefined;
    return kFullest.has(key) ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
  }

  /** The buckets of a histogram, added over all models: [[upper bound, count so far]]. */
  buckets(key) {
    const sums = new Map();
    for (const {labels, value} of this.#named(key, '_bucket')) {
      const bound = numberOf(labels.le);
      sums.set(bound, (sums.get(bound) ?? 0) + value);
    }
    return [...sums].sort(([a], [b]) => a - b);
  }

  /** Names of the models that figures are told of. */
  models() {
    return [...new Set(this.samples.map(modelOf))].filter(Boolean).sort();
  }

  info() {
    return this.samples.find(({name}) => name === 'build_info')?.labels ?? null;
  }
}

/** By how much a counter grew; one that became smaller began anew with its server. */
export function growth(before, after) {
  if (before === undefined || after === undefined) return undefined;
  return after >= before ? after - before : after;
}

/**
 * A quantile of what came into a histogram between two moments, interpolated inside its bucket;
 * undefined where nothing came. What is above the last bound counts as that bound.
 */
export function quantile(before, after, q) {
  const counts = after.map(([bound, count]) => {
    const earlier = before.find(([other]) => other === bound)?.[1] ?? 0;
    return [bound, growth(earlier, count)];
  });
  const total = counts.at(-1)?.[1] ?? 0;
  if (!total) return undefined;
  let lower = 0, below = 0;
  for (const [bound, count] of counts) {
    if (count >= q * total) {
      if (bound === Infinity) return lower;
      return lower + (bound - lower) * (count === below ? 1 : (q * total - below) / (count - below));
    }
    lower = bound;
    below = count;
  }
  return lower;
}
