// SPDX-License-Identifier: Apache-2.0
// openai: responses, as agents ask for them: stateless, with the whole history each time.
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import { checkWeather, collected, key, model, question, tooLong, url, user, weatherTool } from './server.js';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const create = (more) =>
  client.responses.create({ model, input: question, temperature: 0, max_output_tokens: 60, ...more });
const tool = { type: 'function', ...weatherTool.function, strict: true };

test('a response has what clients read', async () => {
  const reply = await create();
  assert.equal(reply.object, 'response');
  assert.match(reply.id, /^resp_/);
  assert.equal(reply.status, 'completed');
  assert.equal(reply.error, null);
  const message = reply.output.find((o) => o.type === 'message');
  assert.equal(message.role, 'assistant');
  assert.equal(message.content[0].type, 'output_text');
  assert.ok(reply.output_text.length > 0);
  assert.equal(reply.output_text, message.content[0].text);
  assert.equal(reply.usage.total_tokens, reply.usage.input_tokens + reply.usage.output_tokens);
});

test('it says what a chat completion says', async () => {
  const chat = await client.chat.completions.create({
    model, messages: [{ role: 'system', content: 'Be brief.' }, ...user(question)], temperature: 0, max_tokens: 60,
  });
  const input = [{ role: 'user', content: [{ type: 'input_text', text: question }] }];
  const reply = await create({ instructions: 'Be brief.', input });
  assert.equal(reply.output_text, chat.choices[0].message.content);
  const developer = await create({ input: [{ role: 'developer', content: 'Be brief.' }, ...input] });
  assert.equal(developer.output_text, reply.output_text);
});

test('a stream has its events in order, with numbers', async () => {
  const whole = await create();
  const events = await collected(await create({ stream: true }));
  assert.deepEqual(events.map((e) => e.sequence_number), events.map((_, i) => i));
  const types = events.map((e) => e.type);
  assert.equal(types[0], 'response.created');
  assert.equal(types[1], 'response.in_progress');
  assert.equal(types.at(-1), 'response.completed');
  const order = ['response.output_item.added', 'response.content_part.added', 'response.output_text.delta',
    'response.output_text.done', 'response.content_part.done'];
  // A model that thinks has an item of its own for that, in front of the message.
  const message = events.find((e) => e.type === 'response.output_item.added' && e.item.type === 'message');
  const at = order.map((t) => events.findIndex((e) => e.type === t && e.output_index === message.output_index));
  assert.deepEqual(at, [...at].sort((a, b) => a - b), types.join());
  assert.ok(at.every((i) => i > 0) && types.includes('response.output_item.done'), types.join());
  const text = events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join('');
  assert.equal(text, whole.output_text);
  assert.equal(events.find((e) => e.type === 'response.output_text.done').text, text);
  assert.equal(events.at(-1).response.usage.output_tokens, whole.usage.output_tokens);
});

test('calls of tools come as items, and their results go back', async () => {
  const more = { tools: [tool], tool_choice: 'required', max_output_tokens: 200 };
  const reply = await create(more);
  const call = reply.output.find((o) => o.type === 'function_call');
  assert.equal(call.name, 'get_weather');
  checkWeather(call.arguments);
  const events = await collected(await create({ ...more, stream: true }));
  const { item_id } = events.find((e) => e.type === 'response.function_call_arguments.delta');
  const pieces = events.filter((e) => e.type === 'response.function_call_arguments.delta' && e.item_id === item_id)
    .map((e) => e.delta).join('');
  assert.equal(pieces, call.arguments);
  assert.equal(events.find((e) => e.type === 'response.function_call_arguments.done').arguments, pieces);
  const input = [
    { role: 'user', content: question }, call,
    { type: 'function_call_output', call_id: call.call_id, output: '3 °C' },
  ];
  assert.equal((await create({ input, tools: [tool], tool_choice: 'none' })).status, 'completed');
});

test('a schema is kept to', async () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 0, maximum: 99 } },
    required: ['n'],
    additionalProperties: false,
  };
  const reply = await create({ text: { format: { type: 'json_schema', name: 'number', schema, strict: true } } });
  assert.ok(Number.isInteger(JSON.parse(reply.output_text).n));
});

test('what agents send beside is taken', async () => {
  const reply = await create({
    instructions: 'Be brief.',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    tools: [tool, { type: 'web_search' }], tool_choice: 'auto', parallel_tool_calls: false, store: false,
    include: ['reasoning.encrypted_content'], prompt_cache_key: 'x', reasoning: { effort: 'low', summary: 'auto' },
  });
  assert.equal(reply.status, 'completed');
  assert.equal(reply.store ?? false, false);
});

test('a reply that is cut says so', async () => {
  const reply = await create({ max_output_tokens: 2 });
  assert.equal(reply.status, 'incomplete');
  assert.equal(reply.incomplete_details.reason, 'max_output_tokens');
});

test('what cannot be done is refused', async () => {
  await assert.rejects(create({ previous_response_id: 'resp_1' }), OpenAI.BadRequestError);
  await assert.rejects(create({ model: 'no-such-model' }), OpenAI.NotFoundError);
  await assert.rejects(create({ temperature: 9999 }), OpenAI.BadRequestError);
  const input = await tooLong();
  await assert.rejects(create({ input }), OpenAI.BadRequestError);
});
