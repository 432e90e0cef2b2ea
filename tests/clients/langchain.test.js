// SPDX-License-Identifier: Apache-2.0
// @langchain/openai: models, streams, structured output and tools of LangChain.
import assert from 'node:assert/strict';
import test from 'node:test';
import { HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';
import { collected, key, model, question, url } from './server.js';

const configuration = { baseURL: `${url}/v1` };
const chat = new ChatOpenAI({ model, apiKey: key, configuration, temperature: 0, maxTokens: 200, maxRetries: 0 });

test('a model is invoked', async () => {
  const reply = await chat.invoke([new SystemMessage('Be brief.'), new HumanMessage(question)]);
  assert.ok(reply.content.length > 0);
  assert.equal(reply.response_metadata.finish_reason, 'stop');
  assert.ok(reply.usage_metadata.total_tokens > 0);
});

test('a stream says the same, and what it used', async () => {
  const whole = await chat.invoke(question);
  const parts = await collected(await chat.stream(question));
  assert.equal(parts.map((p) => p.content).join(''), whole.content);
  const used = parts.map((p) => p.usage_metadata?.output_tokens ?? 0).reduce((a, b) => a + b, 0);
  assert.equal(used, whole.usage_metadata.output_tokens);
});

test('batches keep their order', async () => {
  const replies = await chat.batch([question, 'Hi', question]);
  assert.equal(replies[0].content, replies[2].content);
});

test('structured output is parsed', async () => {
  const Answer = z.object({ n: z.number().int().min(0).max(99), sure: z.boolean() });
  const structured = chat.withStructuredOutput(Answer, { name: 'answer', method: 'jsonSchema', strict: true });
  const reply = await structured.invoke(question);
  Answer.parse(reply);
});

test('tools are bound, called and answered', async () => {
  const weather = tool(() => '3 °C', {
    name: 'get_weather',
    description: 'The weather in a city',
    schema: z.object({ city: z.string().max(12), days: z.number().int().min(1).max(7) }),
  });
  const bound = chat.bindTools([weather], { tool_choice: 'get_weather' });
  const reply = await bound.invoke(question);
  const [call] = reply.tool_calls;
  assert.equal(call.name, 'get_weather');
  const result = await weather.invoke(call);
  assert.ok(result instanceof ToolMessage);
  const silent = chat.bindTools([weather], { tool_choice: 'none' });
  const answer = await silent.invoke([new HumanMessage(question), reply, result]);
  assert.equal(answer.tool_calls.length, 0);
  const parts = await collected(await bound.stream(question));
  const whole = parts.reduce((a, b) => a.concat(b));
  assert.deepEqual(whole.tool_calls[0].args, call.args);
});

test('texts are embedded', async () => {
  const embeddings = new OpenAIEmbeddings({ model, apiKey: key, configuration });
  const vectors = await embeddings.embedDocuments(['A flower', '一朵花']);
  assert.equal(vectors.length, 2);
  assert.equal(vectors[0].length, (await embeddings.embedQuery('A flower')).length);
});

test('an error is passed on', async () => {
  const other = new ChatOpenAI({ model: 'no-such-model', apiKey: key, configuration, maxRetries: 0 });
  await assert.rejects(other.invoke(question), /no-such-model/);
});
