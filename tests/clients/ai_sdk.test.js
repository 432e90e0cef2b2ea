// SPDX-License-Identifier: Apache-2.0
// ai, with the providers @ai-sdk/openai-compatible (chat completions) and @ai-sdk/openai (responses).
import assert from 'node:assert/strict';
import test from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { checkWeather, collected, eventually, key, model, question, repliesRunning, url } from './server.js';

const compatible = createOpenAICompatible({
  name: 'pangu', baseURL: `${url}/v1`, apiKey: key, includeUsage: true, supportsStructuredOutputs: true,
});
const asked = { prompt: question, temperature: 0, maxOutputTokens: 200, maxRetries: 0 };
const weather = tool({
  description: 'The weather in a city',
  inputSchema: z.object({ city: z.string().max(12), days: z.number().int().min(1).max(7) }),
  execute: async () => '3 °C',
});

for (const [name, lm] of [
  ['chat completions', compatible(model)],
  ['responses', createOpenAI({ baseURL: `${url}/v1`, apiKey: key })(model)],
]) {
  test(`${name}: text, whole and streamed`, async () => {
    const whole = await generateText({ ...asked, model: lm });
    assert.ok(whole.text.length > 0);
    assert.equal(whole.finishReason, 'stop');
    assert.ok(whole.usage.totalTokens > 0);
    const stream = streamText({ ...asked, model: lm });
    assert.equal((await collected(stream.textStream)).join(''), whole.text);
    assert.equal((await stream.usage).outputTokens, whole.usage.outputTokens);
  });

  test(`${name}: objects of a schema`, async () => {
    const schema = z.object({ n: z.number().int().min(0).max(99), kind: z.enum(['even', 'odd']) });
    const { object } = await generateObject({ ...asked, model: lm, schema });
    schema.parse(object);
  });

  test(`${name}: tools are called, and their results read`, async () => {
    // Without it the provider of responses refers to calls by their ids, which needs a server that stores them.
    const providerOptions = { openai: { store: false } };
    const calls = await generateText({ ...asked, model: lm, tools: { get_weather: weather }, toolChoice: 'required' });
    checkWeather(JSON.stringify(calls.toolCalls[0].input));
    const steps = await generateText({
      ...asked, model: lm, providerOptions, tools: { get_weather: weather }, stopWhen: stepCountIs(2),
      prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'none' }),
    });
    assert.equal(steps.steps.length, 2);
    assert.equal(steps.steps[0].toolResults[0].output, '3 °C');
    const stream = streamText({ ...asked, model: lm, tools: { get_weather: weather }, toolChoice: 'required' });
    checkWeather(JSON.stringify((await stream.toolCalls)[0].input));
  });

  test(`${name}: an error is passed on`, async () => {
    await assert.rejects(
      generateText({ ...asked, model: lm, temperature: 9999 }),
      (e) => e.statusCode === 400 && /temperature/.test(e.message));
  });
}

test('chat completions: reasoning comes apart', async () => {
  const { text, reasoningText } = await generateText({ ...asked, model: compatible(model) });
  assert.ok(reasoningText.length > 0);
  assert.ok(!text.includes(reasoningText));
});

test('chat completions: an abort ends the reply', async () => {
  const abort = new AbortController();
  const stream = streamText({
    model: compatible(model), prompt: 'Hi', temperature: 1, maxOutputTokens: 1500, abortSignal: abort.signal,
    onError: () => {},
  });
  const reader = stream.textStream[Symbol.asyncIterator]();
  await reader.next();
  abort.abort();
  await eventually('the reply ends', async () => (await repliesRunning()) === 0, 5);
});

test('texts are embedded', async () => {
  const embedder = compatible.textEmbeddingModel(model);
  const { embeddings } = await embedMany({ model: embedder, values: ['A flower', '一朵花'] });
  assert.equal(embeddings.length, 2);
});
