// SPDX-License-Identifier: Apache-2.0
// openai: calls of tools.
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import { checkWeather, collected, key, model, url, user, weatherTool } from './server.js';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const asked = user('How is the weather in Beijing?');
const create = (more) =>
  client.chat.completions.create({
    model, messages: asked, tools: [weatherTool], temperature: 0, max_tokens: 200, ...more,
  });
const otherTool = { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } };
const named = { type: 'function', function: { name: 'get_weather' } };

test('a required call has a name, an id, and arguments that fit', async () => {
  for (const tool_choice of ['required', named]) {
    const { choices: [choice] } = await create({ tool_choice });
    assert.equal(choice.finish_reason, 'tool_calls');
    assert.ok(choice.message.content === null || choice.message.content === '');
    const [call] = choice.message.tool_calls;
    assert.equal(call.type, 'function');
    assert.match(call.id, /^call_/);
    assert.equal(call.function.name, 'get_weather');
    checkWeather(call.function.arguments);
  }
});

test('a named tool is the one that is called', async () => {
  const { choices: [choice] } = await create({ tools: [otherTool, weatherTool], tool_choice: named });
  assert.equal(choice.message.tool_calls[0].function.name, 'get_weather');
});

test('calls are streamed in pieces that add up', async () => {
  const whole = (await create({ tool_choice: 'required' })).choices[0].message.tool_calls;
  const calls = [];
  const chunks = await collected(await create({ tool_choice: 'required', stream: true }));
  for (const delta of chunks.flatMap((c) => c.choices[0]?.delta.tool_calls ?? [])) {
    if (calls[delta.index] === undefined) {
      assert.equal(delta.index, calls.length);
      assert.ok(delta.id && delta.function.name);
      assert.equal(delta.type, 'function');
      calls.push({ id: delta.id, name: delta.function.name, arguments: '' });
    } else {
      assert.ok(!delta.function.name);
    }
    calls[delta.index].arguments += delta.function.arguments ?? '';
  }
  assert.deepEqual(calls.map((c) => c.arguments), whole.map((c) => c.function.arguments));
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'tool_calls');
  assert.ok(chunks.every((c) => !/unused1[12]|tool_call>/.test(c.choices[0]?.delta.content ?? '')));
});

test('the helper of streams puts calls together', async () => {
  const runner = client.chat.completions.stream({
    model, messages: asked, tools: [weatherTool], tool_choice: 'required', temperature: 0, max_tokens: 200,
  });
  const final = await runner.finalChatCompletion();
  checkWeather(final.choices[0].message.tool_calls[0].function.arguments);
});

test('results go back to the model', async () => {
  const { choices: [{ message }] } = await create({ tool_choice: 'required' });
  const messages = [
    ...asked, message,
    { role: 'tool', tool_call_id: message.tool_calls[0].id, content: '3 °C' },
  ];
  const { choices: [choice] } = await create({ messages, tool_choice: 'none' });
  assert.ok(!choice.message.tool_calls?.length);
  assert.notEqual(choice.finish_reason, 'tool_calls');
});

test('without a need the model may answer', async () => {
  for (const tool_choice of ['auto', 'none', undefined]) {
    const { choices: [choice] } = await create({ tool_choice });
    const calls = choice.message.tool_calls ?? [];
    assert.equal(choice.finish_reason === 'tool_calls', calls.length > 0);
    if (tool_choice === 'none') assert.equal(calls.length, 0);
  }
});

test('what cannot be done is refused', async () => {
  const refused = (more, param) =>
    assert.rejects(create(more), (e) => {
      assert.ok(e instanceof OpenAI.BadRequestError, String(e));
      assert.ok(String(e.param).startsWith(param), `${e.param}: ${e.message}`);
      return true;
    });
  await refused({ tool_choice: { type: 'function', function: { name: 'unknown' } } }, 'tool_choice');
  await refused({ tool_choice: 'sometimes' }, 'tool_choice');
  await refused({ tools: [{ type: 'function', function: {} }] }, 'tools');
  await refused({ tools: 'all' }, 'tools');
});
