// SPDX-License-Identifier: Apache-2.0
// openai: chat completions, whole and streamed.
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import {
  chineseQuestion, collected, eventually, isWhole, key, model, question, repliesRunning, tooLong, url, user,
} from './server.js';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const create = (more) =>
  client.chat.completions.create({ model, messages: user(question), temperature: 0, max_tokens: 60, ...more });

test('a reply has what clients read', async () => {
  const reply = await create();
  assert.equal(reply.object, 'chat.completion');
  assert.equal(reply.model, model);
  assert.match(reply.id, /^chatcmpl-/);
  assert.ok(Math.abs(reply.created - Date.now() / 1000) < 60);
  const [choice] = reply.choices;
  assert.equal(choice.index, 0);
  assert.equal(choice.message.role, 'assistant');
  assert.equal(choice.finish_reason, 'stop');
  assert.ok(choice.message.content.length > 0);
  assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens);
  assert.ok(reply.usage.completion_tokens > 0 && reply.usage.completion_tokens <= 60);
});

test('reasoning comes apart from the answer', async () => {
  const { choices: [{ message }], usage } = await create();
  assert.ok(message.reasoning_content.length > 0);
  assert.ok(!message.content.includes('[unused'));
  assert.ok(usage.completion_tokens_details.reasoning_tokens > 0);
  const fast = await create({ reasoning_effort: 'none' });
  assert.ok(!fast.choices[0].message.reasoning_content);
  const off = await create({ chat_template_kwargs: { enable_thinking: false } });
  assert.equal(off.choices[0].message.content, fast.choices[0].message.content);
});

test('a stream has the role first, then text, the reason, and usage at last', async () => {
  const whole = await create();
  const chunks = await collected(await create({ stream: true, stream_options: { include_usage: true } }));
  const usage = chunks.pop();
  assert.deepEqual(usage.choices, []);
  assert.deepEqual(usage.usage.completion_tokens, whole.usage.completion_tokens);
  assert.deepEqual(usage.usage.prompt_tokens, whole.usage.prompt_tokens);
  assert.equal(new Set([...chunks, usage].map((c) => `${c.id} ${c.created} ${c.model} ${c.object}`)).size, 1);
  assert.equal(chunks[0].object, 'chat.completion.chunk');
  assert.equal(chunks[0].choices[0].delta.role, 'assistant');
  assert.ok(chunks.every((c) => c.usage === null));
  assert.ok(chunks.slice(0, -1).every((c) => c.choices[0].finish_reason === null));
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  const joined = (name) => chunks.map((c) => c.choices[0].delta[name] ?? '').join('');
  assert.equal(joined('content'), whole.choices[0].message.content);
  assert.equal(joined('reasoning_content'), whole.choices[0].message.reasoning_content);
});

test('without stream_options a stream has no usage', async () => {
  const chunks = await collected(await create({ stream: true }));
  assert.ok(chunks.every((c) => c.choices.length === 1 && c.usage == null));
});

test('characters are never cut', async () => {
  const more = { messages: user(chineseQuestion), temperature: 1.5, max_tokens: 120, seed: 3 };
  const chunks = await collected(await create({ ...more, stream: true }));
  const texts = chunks.flatMap((c) => [c.choices[0].delta.content, c.choices[0].delta.reasoning_content]);
  assert.ok(texts.every((t) => t == null || isWhole(t)), JSON.stringify(texts));
  assert.ok(texts.some((t) => /[^\x00-\x7f]/.test(t ?? '')), 'nothing but ASCII came');
});

test('the helper of streams sees the same', async () => {
  const runner = client.chat.completions.stream({ model, messages: user(question), temperature: 0, max_tokens: 60 });
  let text = '';
  runner.on('content', (delta) => { text += delta; });
  const final = await runner.finalChatCompletion();
  assert.equal(text, final.choices[0].message.content);
  assert.equal(text, (await create()).choices[0].message.content);
});

test('stop texts end a reply and are not part of it', async () => {
  const fast = (more) => create({ reasoning_effort: 'none', max_tokens: 40, ...more });
  const whole = (await fast()).choices[0].message.content;
  const stop = whole.slice(3, 6);
  for (const given of [stop, ['never said', stop]]) {
    const { choices: [choice] } = await fast({ stop: given });
    assert.equal(choice.message.content, whole.slice(0, whole.indexOf(stop)));
    assert.equal(choice.finish_reason, 'stop');
    const chunks = await collected(await fast({ stop: given, stream: true }));
    assert.equal(chunks.map((c) => c.choices[0].delta.content ?? '').join(''), choice.message.content);
  }
});

test('max_tokens and its other name end a reply', async () => {
  for (const name of ['max_tokens', 'max_completion_tokens']) {
    const reply = await create({ max_tokens: undefined, [name]: 3 });
    assert.equal(reply.choices[0].finish_reason, 'length');
    assert.equal(reply.usage.completion_tokens, 3);
  }
});

test('a seed gives the same reply, and others give others', async () => {
  const hot = { messages: user('Hm?'), temperature: 3, reasoning_effort: 'none' };
  const drawn = async (seed) => (await create({ ...hot, seed })).choices[0].message.content;
  const texts = await Promise.all([7, 7, 8, 9, 10].map(drawn));
  assert.equal(texts[0], texts[1]);
  assert.ok(new Set(texts).size > 2, JSON.stringify(texts));
});

test('n replies have their own numbers, whole and streamed', async () => {
  const more = { n: 3, temperature: 1.5, seed: 5, reasoning_effort: 'none', max_tokens: 20 };
  const reply = await create(more);
  assert.deepEqual(reply.choices.map((c) => c.index), [0, 1, 2]);
  assert.ok(new Set(reply.choices.map((c) => c.message.content)).size > 1);
  const texts = ['', '', ''];
  for await (const chunk of await create({ ...more, stream: true })) {
    for (const c of chunk.choices) texts[c.index] += c.delta.content ?? '';
  }
  assert.deepEqual(texts, reply.choices.map((c) => c.message.content));
});

test('log-probabilities come with alternatives, likeliest first', async () => {
  const { choices: [choice] } = await create({ logprobs: true, top_logprobs: 3, reasoning_effort: 'none' });
  const tokens = choice.logprobs.content;
  for (const t of tokens) {
    assert.ok(t.logprob <= 0);
    assert.equal(t.top_logprobs.length, 3);
    const tops = t.top_logprobs.map((o) => o.logprob);
    assert.deepEqual(tops, [...tops].sort((a, b) => b - a));
    assert.ok(Math.abs(tops[0] - t.logprob) < 1e-6, 'the likeliest is taken at temperature 0');
  }
  const bytes = new Uint8Array(tokens.flatMap((t) => t.bytes ?? []));
  assert.ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes(choice.message.content));
  const chunks = await collected(
    await create({ logprobs: true, top_logprobs: 3, reasoning_effort: 'none', stream: true }));
  const streamed = chunks.flatMap((c) => c.choices[0].logprobs?.content ?? []);
  assert.deepEqual(streamed.map((t) => t.token), tokens.map((t) => t.token));
});

test('messages come in parts, with every role, and the assistant may have begun', async () => {
  const messages = [
    { role: 'developer', content: 'Be kind.' },
    { role: 'user', content: [{ type: 'text', text: 'Hi, ' }, { type: 'text', text: 'you.' }] },
    { role: 'assistant', content: 'Hello.' },
    { role: 'user', content: question, name: 'Kate' },
  ];
  assert.ok((await create({ messages })).choices[0].message.content.length > 0);
  const begun = await create({ messages: [...user(question), { role: 'assistant', content: '#### ' }], max_tokens: 5 });
  assert.ok(begun.choices[0].message.content.length > 0);
});

test('a second turn takes the first from the cache', async () => {
  const first = await create();
  const messages = [
    ...user(question),
    { role: 'assistant', content: first.choices[0].message.content },
    ...user('And with 90 yuan?'),
  ];
  const second = await create({ messages });
  const cached = second.usage.prompt_tokens_details.cached_tokens;
  assert.ok(cached > 0 && cached < second.usage.prompt_tokens, `${cached} cached`);
});

test('errors have the classes that the client knows', async () => {
  await assert.rejects(create({ model: 'no-such-model' }), (e) => {
    assert.ok(e instanceof OpenAI.NotFoundError);
    assert.match(e.message, /no-such-model/);
    return true;
  });
  const refused = async (more, param, message) =>
    assert.rejects(create(more), (e) => {
      assert.ok(e instanceof OpenAI.BadRequestError, String(e));
      assert.equal(e.param, param);
      assert.match(e.message, message);
      assert.equal(e.type, 'invalid_request_error');
      return true;
    });
  await refused({ temperature: -1 }, 'temperature', /temperature/);
  await refused({ temperature: 'hot' }, 'temperature', /temperature/);
  await refused({ top_p: 2 }, 'top_p', /top_p/);
  await refused({ n: 100000 }, 'n', /\bn\b/);
  await refused({ messages: [] }, 'messages', /messages/);
  await refused({ messages: [{ role: 'usr', content: 'x' }] }, 'messages.0.role', /role/);
  await refused({ top_logprobs: 3 }, 'top_logprobs', /logprobs/);
  await refused({ stop: '' }, 'stop', /stop/);
});

test('a prompt that does not fit is refused with both numbers', async () => {
  const content = await tooLong();
  await assert.rejects(create({ messages: user(content) }), (e) => {
    assert.ok(e instanceof OpenAI.BadRequestError);
    assert.equal(e.code, 'context_length_exceeded');
    assert.ok(e.error.n_prompt_tokens > e.error.n_ctx && e.error.n_ctx > 0);
    assert.ok(e.message.includes(String(e.error.n_ctx)));
    return true;
  });
});

test('a client that goes away ends its reply', async () => {
  const long = { messages: user('Hi'), temperature: 1.5, seed: 1, max_tokens: 1500, ignore_eos: true };
  const stream = await create({ ...long, stream: true });
  for await (const _ of stream) break;  // leaves the loop, and closes the connection
  await eventually('the streamed reply ends', async () => (await repliesRunning()) === 0, 5);
  const waiting = new AbortController();
  const reply = client.chat.completions.create({ model, ...long }, { signal: waiting.signal });
  setTimeout(() => waiting.abort(), 100);
  await assert.rejects(reply, OpenAI.APIUserAbortError);
  await eventually('the reply ends', async () => (await repliesRunning()) === 0, 5);
});

test('many at once get their own answers', async () => {
  const alone = await Promise.all([create(), create({ messages: user(chineseQuestion) })]);
  const asked = Array.from({ length: 24 }, (_, i) => i % 2);
  const replies = await Promise.all(
    asked.map((i) => create({ messages: user(i === 0 ? question : chineseQuestion) })));
  replies.forEach((r, at) => assert.equal(r.choices[0].message.content, alone[asked[at]].choices[0].message.content));
});

test('models are listed with their context', async () => {
  const list = await collected(client.models.list());
  const ours = list.find((m) => m.id === model);
  assert.equal(ours.object, 'model');
  assert.ok(ours.max_model_len > 0);
  assert.equal((await client.models.retrieve(model)).id, model);
  await assert.rejects(client.models.retrieve('no-such-model'), OpenAI.NotFoundError);
});
