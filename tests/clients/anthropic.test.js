// SPDX-License-Identifier: Apache-2.0
// @anthropic-ai/sdk: messages and their tokens.
import assert from 'node:assert/strict';
import test from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import {
  checkWeather, collected, eventually, isWhole, key, model, question, repliesRunning, tooLong, url, user, weatherTool,
} from './server.js';

const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const create = (more) =>
  client.messages.create({ model, messages: user(question), temperature: 0, max_tokens: 60, ...more });
const { parameters: input_schema, ...described } = weatherTool.function;
const tool = { ...described, input_schema };
const textOf = (message) => message.content.filter((b) => b.type === 'text').map((b) => b.text).join('');

test('a message has what clients read', async () => {
  const reply = await create();
  assert.equal(reply.type, 'message');
  assert.match(reply.id, /^msg_/);
  assert.equal(reply.role, 'assistant');
  assert.equal(reply.model, model);
  assert.equal(reply.stop_reason, 'end_turn');
  assert.equal(reply.stop_sequence, null);
  assert.ok(textOf(reply).length > 0);
  assert.ok(reply.usage.input_tokens > 0 && reply.usage.output_tokens > 0);
});

test('system comes as a text or in blocks, and what changes every time is left out', async () => {
  const text = await create({ system: 'Be brief.' });
  const billing = (n) => ({ type: 'text', text: `x-anthropic-billing-header: cc_version=1; cch=${n};` });
  const blocks = [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }];
  for (const system of [blocks, [billing(1), ...blocks], [billing(2), ...blocks]]) {
    const reply = await create({ system });
    assert.equal(textOf(reply), textOf(text));
    assert.equal(reply.usage.input_tokens + (reply.usage.cache_read_input_tokens ?? 0),
      text.usage.input_tokens + (text.usage.cache_read_input_tokens ?? 0));
  }
});

test('a stream has its events in order', async () => {
  const whole = await create();
  const events = await collected(await create({ stream: true }));
  const types = events.map((e) => e.type).filter((t) => t !== 'ping');
  assert.equal(types[0], 'message_start');
  assert.deepEqual(types.slice(-2), ['message_delta', 'message_stop']);
  assert.deepEqual(events[0].message.content, []);
  let open = null;
  for (const e of events) {
    if (e.type === 'content_block_start') assert.equal(open, null), (open = e.index);
    if (e.type === 'content_block_delta') assert.equal(e.index, open);
    if (e.type === 'content_block_stop') assert.equal(e.index, open), (open = null);
  }
  const deltas = events.filter((e) => e.delta?.type === 'text_delta').map((e) => e.delta.text);
  assert.ok(deltas.every(isWhole));
  assert.equal(deltas.join(''), textOf(whole));
  const last = events.find((e) => e.type === 'message_delta');
  assert.equal(last.delta.stop_reason, 'end_turn');
  assert.equal(last.usage.output_tokens, whole.usage.output_tokens);
});

test('the helper of streams puts a message together', async () => {
  const stream = client.messages.stream({ model, messages: user(question), temperature: 0, max_tokens: 60 });
  assert.equal(textOf(await stream.finalMessage()), textOf(await create()));
});

test('the reasons of an end', async () => {
  assert.equal((await create({ max_tokens: 2 })).stop_reason, 'max_tokens');
  const text = textOf(await create({ thinking: { type: 'disabled' } }));
  const stop = text.slice(2, 5);
  const reply = await create({ thinking: { type: 'disabled' }, stop_sequences: [stop] });
  assert.equal(reply.stop_reason, 'stop_sequence');
  assert.equal(reply.stop_sequence, stop);
  assert.equal(textOf(reply), text.slice(0, text.indexOf(stop)));
});

test('calls of tools are blocks, whole and streamed, and results go back', async () => {
  const more = { tools: [tool], tool_choice: { type: 'any' }, max_tokens: 200 };
  const reply = await create(more);
  assert.equal(reply.stop_reason, 'tool_use');
  const call = reply.content.find((b) => b.type === 'tool_use');
  assert.equal(call.name, 'get_weather');
  assert.ok(call.id.length > 0);
  checkWeather(JSON.stringify(call.input));
  const events = await collected(await create({ ...more, stream: true }));
  const { index } = events.find((e) => e.content_block?.type === 'tool_use');
  const pieces = events.filter((e) => e.index === index && e.delta?.type === 'input_json_delta')
    .map((e) => e.delta.partial_json).join('');
  assert.deepEqual(JSON.parse(pieces), call.input);
  const messages = [
    ...user(question), { role: 'assistant', content: reply.content },
    {
      role: 'user',
      content: reply.content.filter((b) => b.type === 'tool_use').map(({ id }) => (
        { type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text: '3 °C' }] })),
    },
  ];
  const answer = await create({ messages, tools: [tool], tool_choice: { type: 'none' } });
  assert.notEqual(answer.stop_reason, 'tool_use');
  const named = await create({ ...more, tool_choice: { type: 'tool', name: 'get_weather' } });
  assert.equal(named.content.find((b) => b.type === 'tool_use').name, 'get_weather');
  const alone = await create({ ...more, tool_choice: { type: 'any', disable_parallel_tool_use: true } });
  assert.equal(alone.content.filter((b) => b.type === 'tool_use').length, 1);
  const message = await client.messages.stream({ model, messages: user(question), temperature: 0, ...more }).finalMessage();
  assert.deepEqual(message.content.find((b) => b.type === 'tool_use').input, call.input);
});

test('a schema is kept to', async () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 0, maximum: 99 } },
    required: ['n'],
    additionalProperties: false,
  };
  const reply = await create({ output_config: { format: { type: 'json_schema', schema } } });
  assert.ok(Number.isInteger(JSON.parse(textOf(reply)).n));
});

test('tokens are counted as a reply counts them', async () => {
  const { input_tokens: counted } = await client.messages.countTokens({ model, messages: user(question) });
  const { usage } = await create();
  assert.equal(counted, usage.input_tokens + (usage.cache_read_input_tokens ?? 0));
  const more = await client.messages.countTokens({ model, system: 'Be brief.', messages: user(question) });
  assert.ok(more.input_tokens > counted);
  const tools = await client.messages.countTokens({ model, messages: user(question), tools: [tool] });
  assert.ok(tools.input_tokens > counted);
});

test('errors have the classes that the client knows', async () => {
  await assert.rejects(create({ model: 'no-such-model' }), (e) => {
    assert.ok(e instanceof Anthropic.NotFoundError, String(e));
    assert.equal(e.error.type, 'error');
    assert.equal(e.error.error.type, 'not_found_error');
    return true;
  });
  for (const more of [{ temperature: -1 }, { max_tokens: 0 }, { messages: [] }, { messages: user(await tooLong()) }]) {
    await assert.rejects(create(more), (e) => {
      assert.ok(e instanceof Anthropic.BadRequestError, `${Object.keys(more)}: ${e}`);
      assert.equal(e.error.error.type, 'invalid_request_error');
      return true;
    });
  }
});

test('a client that goes away ends its reply', async () => {
  const stream = await create({ messages: user('Hi'), temperature: 1, max_tokens: 1500, stream: true });
  for await (const _ of stream) break;
  await eventually('the reply ends', async () => (await repliesRunning()) === 0, 5);
});
