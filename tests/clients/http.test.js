// SPDX-License-Identifier: Apache-2.0
// No client at all: what goes over the wire, byte by byte.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ask, chineseQuestion, model, question, request, url, user } from './server.js';

const chat = { model, messages: user(question), temperature: 0, max_tokens: 40 };

test('the server says whether it is ready, and who reads metrics gets some', async () => {
  const health = await fetch(`${url}/health`);
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), { status: 'ok', models: 1, models_loaded: 1 });
  assert.match(await (await request('/metrics')).text(), /^# HELP /m);
});

test('events are lines of data with a blank one behind, whole characters each', async () => {
  const response = await request('/v1/chat/completions', {
    ...chat, messages: user(chineseQuestion), temperature: 1.5, seed: 3, stream: true,
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  assert.match(response.headers.get('cache-control') ?? '', /no-cache|no-store/);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const events = text.split('\n\n');
  assert.equal(events.pop(), '');
  assert.equal(events.pop(), 'data: [DONE]');
  for (const event of events.filter((e) => !e.startsWith(':'))) {
    assert.ok(event.startsWith('data: ') && !event.includes('\n'), event);
    JSON.parse(event.slice('data: '.length));
  }
});

test('what is no request is refused in JSON', async () => {
  const refused = async (status, path, body, options) => {
    const response = await request(path, body, options);
    assert.equal(response.status, status, `${path} ${String(body).slice(0, 60)}`);
    const { error } = await response.json();
    assert.ok(error.message.length > 0 && error.type.length > 0);
    return error;
  };
  await refused(400, '/v1/chat/completions', '{"messages": [');
  await refused(400, '/v1/chat/completions', '[]');
  await refused(400, '/v1/chat/completions', '');
  await refused(400, '/v1/chat/completions', '{"model": "\xff"');
  await refused(400, '/v1/chat/completions', '['.repeat(100000));
  await refused(400, '/v1/chat/completions', '{"messages": [], "messages": []}');
  await refused(400, '/v1/chat/completions', { ...chat, max_tokens: 1.5 });
  await refused(400, '/v1/chat/completions', { ...chat, max_tokens: -1e30 });
  await refused(400, '/v1/chat/completions', { ...chat, seed: 'x' });
  await refused(400, '/v1/chat/completions', { ...chat, stop: Array(1000).fill('x') });
  await refused(404, '/v1/nothing', {});
  await refused(404, '/v1/models/%2e%2e%2f%2e%2e%2fetc');
  await refused(405, '/v1/chat/completions');
  await refused(403, '/v1/models', undefined, { headers: { origin: 'https://elsewhere.example' } });
});

test('keys without effect are named', async () => {
  const response = await request('/v1/chat/completions', { ...chat, unheard_of: 1 });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('pangu-ignored'), /unheard_of/);
  await response.json();
});

test('texts and tokens are one another', async () => {
  const content = 'Hällo, 北京 🙂 [unused10]';
  const { tokens, count } = await ask('/tokenize', { model, content, parse_special: false });
  assert.equal(tokens.length, count);
  const back = await ask('/detokenize', { model, tokens });
  assert.equal(back.content.trim(), content);
});

test('a template shows what the model reads', async () => {
  const { prompt, tokens } = await ask('/apply-template', { model, messages: user('Hi [unused10]') });
  assert.ok(prompt.includes('Hi [unused10]'));
  const { usage } = await ask('/v1/chat/completions', { ...chat, messages: user('Hi [unused10]') });
  assert.equal(tokens.length, usage.prompt_tokens);
});
