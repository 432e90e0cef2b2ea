// SPDX-License-Identifier: Apache-2.0
// openai: completions, as evaluation harnesses use them.
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import { ask, collected, isWhole, key, model, url } from './server.js';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const create = (more) =>
  client.completions.create({ model, prompt: 'The quick brown', temperature: 0, max_tokens: 8, ...more });

test('a text is continued', async () => {
  const reply = await create();
  assert.equal(reply.object, 'text_completion');
  assert.match(reply.id, /^cmpl-/);
  const [choice] = reply.choices;
  assert.equal(choice.index, 0);
  assert.equal(choice.logprobs, null);
  assert.ok(['stop', 'length'].includes(choice.finish_reason));
  const chunks = await collected(await create({ stream: true, stream_options: { include_usage: true } }));
  assert.equal(chunks.map((c) => c.choices[0]?.text ?? '').join(''), choice.text);
  assert.ok(chunks.every((c) => isWhole(c.choices[0]?.text ?? '')));
  assert.deepEqual(chunks.at(-1).usage.total_tokens, reply.usage.total_tokens);
});

test('an echoed prompt has log-probabilities, but its first token', async () => {
  const prompt = 'Two and two are four.';
  const { choices: [choice] } = await create({ prompt, echo: true, logprobs: 2, max_tokens: 0 });
  assert.equal(choice.text, prompt);
  const { tokens, token_logprobs: logprobs, top_logprobs: tops, text_offset: offsets } = choice.logprobs;
  assert.equal(logprobs[0], null);
  assert.equal(tops[0], null);
  assert.ok(logprobs.slice(1).every((p) => p <= 0));
  assert.ok(tops.slice(1).every((t) => Object.keys(t).length >= 1));
  assert.equal(new Set([tokens.length, logprobs.length, tops.length, offsets.length]).size, 1);
  // Where each token's text begins in the text; a token of no text, as the first may be, has an empty stretch.
  const ends = [...offsets.slice(1), prompt.length];
  tokens.slice(1).forEach((t, i) => assert.equal(prompt.slice(offsets[i + 1], ends[i + 1]).trim(), t.trim()));
});

test('continuations add up: a choice is scored as harnesses score it', async () => {
  const score = async (prompt) => {
    const { choices: [choice] } = await create({ prompt, echo: true, logprobs: 0, max_tokens: 0 });
    return choice.logprobs.token_logprobs.slice(1).reduce((a, b) => a + b, 0);
  };
  const { choices: [best] } = await create({ prompt: 'assert f(2) ==', max_tokens: 1, logprobs: 1 });
  const whole = await score(`assert f(2) ==${best.text}`);
  const part = await score('assert f(2) ==');
  assert.ok(Math.abs(whole - part - best.logprobs.token_logprobs[0]) < 1e-3);
});

test('several prompts, of text or tokens, have choices in their order', async () => {
  const prompts = ['One, two,', 'Monday, Tuesday,', '一、二、'];
  const alone = [];
  for (const prompt of prompts) alone.push((await create({ prompt })).choices[0].text);
  const { choices } = await create({ prompt: prompts });
  assert.deepEqual(choices.map((c) => c.index), [0, 1, 2]);
  assert.deepEqual(choices.map((c) => c.text), alone);
  const tokens = async (content) => (await ask('/tokenize', { model, content, add_special: true })).tokens;
  const ids = await Promise.all(prompts.map(tokens));
  assert.deepEqual((await create({ prompt: ids })).choices.map((c) => c.text), alone);
  assert.deepEqual((await create({ prompt: ids[1] })).choices[0].text, alone[1]);
});

test('what cannot be done is refused', async () => {
  const refused = (more, param) =>
    assert.rejects(create(more), (e) => {
      assert.ok(e instanceof OpenAI.BadRequestError, String(e));
      assert.equal(e.param, param);
      return true;
    });
  await refused({ prompt: [] }, 'prompt');
  await refused({ prompt: [1, 'two'] }, 'prompt');
  await refused({ suffix: 'end' }, 'suffix');
  await refused({ logprobs: 1000 }, 'logprobs');
  await refused({ max_tokens: -5 }, 'max_tokens');
  await assert.rejects(create({ prompt: [1e9] }), OpenAI.BadRequestError);
});
