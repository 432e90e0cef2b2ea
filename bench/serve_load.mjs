// SPDX-License-Identifier: Apache-2.0
// Loads a server that speaks OpenAI's form of text completions, and tells what its clients see:
// tokens a second over all, the time to the first token, the time between tokens. Servers of
// different makers are compared by the same requests. Needs Node 18 or newer, and nothing else.
//
//   node bench/serve_load.mjs --url http://127.0.0.1:8080 --clients 16 --requests 64
//   node bench/serve_load.mjs --shared 1000                       a beginning that all prompts share
//   node bench/serve_load.mjs --turns 4                           conversations that grow
//
// Options: --url, --model, --clients, --requests (conversations, with --turns), --words (of a prompt),
// --shared (words in front of all), --turns, --tokens (of a reply), --seed, --corpus FILE (whose
// lines are the words; made-up ones otherwise), --rate (requests a second; without it each client
// asks as soon as it has its answer), --json.
import {readFileSync} from 'node:fs';
import http from 'node:http';
import {parseArgs} from 'node:util';

const {values} = parseArgs({
  options: {
    url: {type: 'string', default: 'http://127.0.0.1:8080'},
    model: {type: 'string', default: ''},
    clients: {type: 'string', default: '16'},
    requests: {type: 'string', default: '64'},
    words: {type: 'string', default: '100'},
    shared: {type: 'string', default: '0'},
    turns: {type: 'string', default: '1'},
    tokens: {type: 'string', default: '64'},
    seed: {type: 'string', default: '1'},
    rate: {type: 'string', default: '0'},
    corpus: {type: 'string', default: ''},
    json: {type: 'boolean', default: false},
  },
});

const number = (key) => {
  const value = Number(values[key]);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`--${key} ${values[key]}: a number of 0 or more was expected`);
  process.exit(2);
};
const [clients, requests, turns, tokens] = ['clients', 'requests', 'turns', 'tokens'].map(number);

// mulberry32: the same numbers everywhere, and good enough to pick words.
let state = number('seed');
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const vocabulary = values.corpus
    ? readFileSync(values.corpus, 'utf8').split(/\s+/).filter((word) => word !== '')
    : ['the', 'river', 'house', 'small', 'green', 'walks', 'under', 'night', 'seven', 'glass', 'paper', 'winter', 'opens',
       'quiet', 'train', 'market', 'silver', 'bridge', 'often', 'leaves'];
const text = (n) => Array.from({length: n}, () => vocabulary[Math.floor(random() * vocabulary.length)]).join(' ');
const shared = number('shared') > 0 ? text(number('shared')) + ' ' : '';

// A connection for each request: servers differ in when they close those that are kept open.
const agent = new http.Agent({keepAlive: false, maxSockets: Infinity});

// One streamed completion.
const ask = (prompt) => new Promise((resolve) => {
  const began = performance.now();
  const out = {status: 0, first: 0, gaps: [], last: 0, tokens: 0, cached: 0, text: ''};
  const url = new URL('/v1/completions', values.url);
  const body = JSON.stringify({
    ...(values.model ? {model: values.model} : {}),
    prompt, max_tokens: tokens, ignore_eos: true, temperature: 0, stream: true,
    stream_options: {include_usage: true},
  });
  const request = http.request(url, {method: 'POST', agent, headers: {'content-type': 'application/json'}}, (answer) => {
    out.status = answer.statusCode;
    let rest = '';
    answer.setEncoding('utf8');
    answer.on('data', (data) => {
      const now = performance.now();
      rest += data;
      let wrote = false;
      for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) {
        const event = rest.slice(0, end);
        if (!event.startsWith('data: ') || event === 'data: [DONE]') continue;
        const chunk = JSON.parse(event.slice(6));
        const piece = chunk.choices?.[0]?.text ?? '';
        out.text += piece;
        wrote ||= piece !== '';
        if (chunk.usage) {
          out.tokens = chunk.usage.completion_tokens;
          out.cached = chunk.usage.prompt_tokens_details?.cached_tokens ?? 0;
        }
      }
      if (!wrote) return;
      if (out.first === 0) out.first = now - began;
      else out.gaps.push(now - out.last);
      out.last = now;
    });
    answer.on('end', () => resolve({...out, seconds: (performance.now() - began) / 1000}));
  });
  request.on('error', (error) => resolve({...out, error: String(error)}));
  request.end(body);
});

const answers = [];
const converse = async (first) => {
  let prompt = first;
  for (let turn = 0; turn < turns; ++turn) {
    const answer = await ask(prompt);
    answers.push({...answer, turn});
    prompt += answer.text + ' ' + text(number('words'));
  }
};

const prompts = Array.from({length: requests}, () => shared + text(number('words')));
const began = performance.now();
if (number('rate') > 0) {
  await Promise.all(prompts.map(async (prompt, i) => {
    await new Promise((resolve) => setTimeout(resolve, (i * 1000) / number('rate')));
    await converse(prompt);
  }));
} else {
  let next = 0;
  await Promise.all(Array.from({length: clients}, async () => {
    while (next < prompts.length) await converse(prompts[next++]);
  }));
}
const seconds = (performance.now() - began) / 1000;

const quantile = (list, q) => {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
};
const good = answers.filter((answer) => answer.status === 200 && !answer.error && answer.tokens > 0);
const later = good.filter((answer) => answer.turn > 0 || turns === 1);
const statuses = {};
for (const answer of answers) {
  const key = answer.error ? 'broken' : answer.status;
  statuses[key] = (statuses[key] ?? 0) + 1;
}
const sum = (list) => list.reduce((a, b) => a + b, 0);
const result = {
  seconds,
  statuses,
  reply_tokens: sum(good.map((answer) => answer.tokens)),
  tokens_per_s: sum(good.map((answer) => answer.tokens)) / seconds,
  cached_tokens: sum(good.map((answer) => answer.cached)),
  first_token_ms: {p50: quantile(later.map((a) => a.first), 0.5), p95: quantile(later.map((a) => a.first), 0.95)},
  between_ms: {p50: quantile(good.flatMap((a) => a.gaps), 0.5), p95: quantile(good.flatMap((a) => a.gaps), 0.95),
               p99: quantile(good.flatMap((a) => a.gaps), 0.99)},
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  const ms = (value) => `${value.toFixed(1)} ms`;
  console.log(`answers        ${Object.entries(statuses).map(([status, n]) => `${n} of status ${status}`).join(', ')}`);
  console.log(`throughput     ${result.tokens_per_s.toFixed(1)} tokens/s (${result.reply_tokens} in ${seconds.toFixed(1)} s)`);
  console.log(`first token    ${ms(result.first_token_ms.p50)} (p50), ${ms(result.first_token_ms.p95)} (p95)${turns > 1 ? ', of later turns' : ''}`);
  console.log(`between        ${ms(result.between_ms.p50)} (p50), ${ms(result.between_ms.p95)} (p95), ${ms(result.between_ms.p99)} (p99)`);
  console.log(`from the cache ${result.cached_tokens} tokens of prompts`);
}
agent.destroy();
