// SPDX-License-Identifier: Apache-2.0
// ollama: its own paths, in lines of JSON.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Ollama } from 'ollama';
import {
  ask, checkWeather, collected, isWhole, key, model, question, request, url, user, weatherTool,
} from './server.js';

const client = new Ollama({ host: url, headers: { Authorization: `Bearer ${key}` } });
const options = { temperature: 0, num_predict: 60 };
const chat = (more) => client.chat({ model, messages: user(question), options, ...more });

test('a chat has what clients read', async () => {
  const reply = await chat();
  assert.equal(reply.model, model);
  assert.ok(!Number.isNaN(Date.parse(reply.created_at)));
  assert.equal(reply.message.role, 'assistant');
  assert.ok(reply.message.content.length > 0);
  assert.equal(reply.done, true);
  assert.equal(reply.done_reason, 'stop');
  const counts = ['total_duration', 'prompt_eval_count', 'eval_count', 'eval_duration'];
  for (const name of counts) assert.ok(reply[name] > 0, name);
});

test('a streamed chat says the same, line by line', async () => {
  const whole = await chat();
  const parts = await collected(await chat({ stream: true }));
  assert.ok(parts.every((p) => isWhole(p.message.content)));
  assert.equal(parts.map((p) => p.message.content).join(''), whole.message.content);
  assert.ok(parts.slice(0, -1).every((p) => p.done === false));
  assert.equal(parts.at(-1).done, true);
  assert.equal(parts.at(-1).eval_count, whole.eval_count);
});

test('a request of nobody in particular is streamed, as Ollama does', async () => {
  const response = await request('/api/chat', { model, messages: user(question), options });
  assert.match(response.headers.get('content-type'), /^application\/x-ndjson/);
  const lines = (await response.text()).trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 1 && lines.at(-1).done);
});

test('thinking comes apart where it is asked for, and not where it is turned off', async () => {
  const thinking = await chat({ think: true });
  assert.ok(thinking.message.thinking.length > 0);
  assert.ok(!(await chat({ think: false })).message.thinking);
});

test('options are kept to', async () => {
  assert.equal((await chat({ options: { ...options, num_predict: 3 } })).done_reason, 'length');
  const drawn = async (seed) => {
    const hot = { temperature: 3, seed, num_predict: 30 };
    return (await chat({ messages: user('Hm?'), options: hot, think: false })).message.content;
  };
  assert.equal(await drawn(5), await drawn(5));
  const { message: { content } } = await chat({ think: false });
  const stop = content.slice(3, 6);
  const cut = await chat({ think: false, options: { ...options, stop: [stop] } });
  assert.equal(cut.message.content, content.slice(0, content.indexOf(stop)));
});

test('a schema is kept to', async () => {
  const format = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 0, maximum: 99 } },
    required: ['n'],
    additionalProperties: false,
  };
  assert.ok(Number.isInteger(JSON.parse((await chat({ format })).message.content).n));
  const text = await client.generate({ model, prompt: question, options, format });
  assert.ok(Number.isInteger(JSON.parse(text.response).n));
  const any = await chat({ format: 'json', options: { ...options, num_predict: 200 } });
  if (any.done_reason === 'stop') JSON.parse(any.message.content);
});

test('calls of tools have arguments as objects', async () => {
  const { message } = await chat({ tools: [weatherTool] });
  for (const call of message.tool_calls ?? []) checkWeather(JSON.stringify(call.function.arguments));
  const call = { name: 'get_weather', arguments: { city: 'Beijing', days: 1 } };
  const messages = [
    ...user(question),
    { role: 'assistant', content: '', tool_calls: [{ function: call }] },
    { role: 'tool', content: '3 °C', tool_name: 'get_weather' },
  ];
  assert.equal((await chat({ messages, tools: [weatherTool] })).done, true);
});

test('a text is continued, with and without the template', async () => {
  const reply = await client.generate({ model, prompt: question, options });
  assert.ok(reply.response.length > 0 && reply.done);
  const raw = await client.generate({ model, prompt: 'The quick brown', raw: true, options });
  const { choices } = await ask('/v1/completions', {
    model, prompt: 'The quick brown', temperature: 0, max_tokens: 60,
  });
  assert.equal(raw.response, choices[0].text);
  const parts = await collected(await client.generate({ model, prompt: question, options, stream: true }));
  assert.equal(parts.map((p) => p.response).join(''), reply.response);
});

test('models are listed, shown and told to run', async () => {
  const { models } = await client.list();
  const ours = models.find((m) => m.name === model || m.model === model);
  assert.ok(ours.size > 0 && ours.details && !Number.isNaN(Date.parse(ours.modified_at)));
  const shown = await client.show({ model });
  assert.ok(shown.details && shown.model_info && shown.capabilities.includes('completion'));
  const { models: running } = await client.ps();
  assert.ok(running.some((m) => m.name === model || m.model === model));
  const { version } = await client.version();
  assert.match(version, /^\d+\.\d+/);
});

test('texts are embedded', async () => {
  const { embeddings } = await client.embed({ model, input: ['A flower', '一朵花'] });
  assert.equal(embeddings.length, 2);
  assert.equal(embeddings[0].length, embeddings[1].length);
  const one = await client.embed({ model, input: '一朵花' });
  assert.deepEqual(one.embeddings[0], embeddings[1]);
  assert.ok(one.prompt_eval_count > 0);
  const { embedding } = await client.embeddings({ model, prompt: 'A flower' });
  assert.deepEqual(embedding, embeddings[0]);
});

test('errors say what is wrong', async () => {
  const refused = (more, status, what) =>
    assert.rejects(chat(more), (e) => e.status_code === status && what.test(e.message));
  await refused({ model: 'no-such-model' }, 404, /no-such-model/);
  await refused({ options: { temperature: -1 } }, 400, /temperature/);
});
