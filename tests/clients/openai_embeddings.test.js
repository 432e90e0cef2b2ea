// SPDX-License-Identifier: Apache-2.0
// openai: embeddings, which the client asks for in base64 unless told otherwise.
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import { ask, key, model, tooLong, url } from './server.js';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const sentence = 'A flower costs 4 yuan.';
const create = (more) => client.embeddings.create({ model, input: sentence, ...more });
const cosine = (a, b) => {
  const dot = (x, y) => x.reduce((sum, v, i) => sum + v * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

test('base64 and numbers are the same vector', async () => {
  const packed = await create();
  const numbers = await create({ encoding_format: 'float' });
  assert.equal(packed.object, 'list');
  assert.equal(packed.data[0].object, 'embedding');
  assert.deepEqual([...packed.data[0].embedding].map(Math.fround), numbers.data[0].embedding.map(Math.fround));
  assert.ok(packed.usage.prompt_tokens > 0);
  assert.equal(packed.usage.total_tokens, packed.usage.prompt_tokens);
  const raw = await ask('/v1/embeddings', { model, input: sentence, encoding_format: 'base64' });
  assert.equal(typeof raw.data[0].embedding, 'string');
  assert.equal(Buffer.from(raw.data[0].embedding, 'base64').length, 4 * numbers.data[0].embedding.length);
});

test('several texts keep their order, and stay the same alone or with others', async () => {
  const input = [sentence, '一朵花四元。', 'def f(x):\n    return x'];
  const { data } = await create({ input, encoding_format: 'float' });
  assert.deepEqual(data.map((d) => d.index), [0, 1, 2]);
  for (const [i, text] of input.entries()) {
    const alone = (await create({ input: text, encoding_format: 'float' })).data[0].embedding;
    assert.ok(cosine(alone, data[i].embedding) > 0.9999);
  }
  const same = (await create({ input: [input[0], input[0]], encoding_format: 'float' })).data;
  assert.deepEqual(same[0].embedding, same[1].embedding);
  assert.ok(cosine(data[0].embedding, data[2].embedding) < 0.9999);
});

test('tokens are taken, too', async () => {
  const { tokens } = await ask('/tokenize', { model, content: sentence, add_special: true });
  const of = async (input) => (await create({ input, encoding_format: 'float' })).data[0].embedding;
  assert.ok(cosine(await of(tokens), await of(sentence)) > 0.9999);
});

test('what cannot be embedded is refused', async () => {
  const input = await tooLong();
  await assert.rejects(create({ input }), OpenAI.BadRequestError);
  await assert.rejects(create({ input: [] }), OpenAI.BadRequestError);
  await assert.rejects(create({ input: '' }), OpenAI.BadRequestError);
  await assert.rejects(create({ encoding_format: 'hex' }), OpenAI.BadRequestError);
  await assert.rejects(create({ model: 'no-such-model' }), OpenAI.NotFoundError);
});
