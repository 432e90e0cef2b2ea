// SPDX-License-Identifier: Apache-2.0
// openai: replies held to JSON, to schemas of zod among them.
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { collected, key, model, url, user } from './server.js';

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const asked = { model, messages: user('Tell me about a person.'), temperature: 0, max_tokens: 400 };

const Person = z.object({
  name: z.string().max(20),
  age: z.number().int().min(0).max(150),
  kind: z.enum(['friend', 'stranger']),
  tags: z.array(z.string().max(8)).max(3),
  home: z.object({ city: z.string().max(16), code: z.string().regex(/^[0-9]{5}$/) }).nullable(),
});

test('a schema of zod is kept to', async () => {
  for (const temperature of [0, 1.5]) {
    const reply = await client.chat.completions.parse({
      ...asked, temperature, seed: 3, response_format: zodResponseFormat(Person, 'person'),
    });
    const { message, finish_reason: reason } = reply.choices[0];
    assert.equal(reason, 'stop');
    Person.parse(message.parsed);
    assert.deepEqual(JSON.parse(message.content), message.parsed);
  }
});

test('so it is in streams, and of many at once', async () => {
  // Without thinking, which could use up max_tokens.
  const response_format = zodResponseFormat(Person, 'person');
  const replies = Array.from({ length: 8 }, async (_, seed) => {
    const chunks = await collected(
      await client.chat.completions.create({
        ...asked, temperature: 1, seed, response_format, stream: true, reasoning_effort: 'none' }));
    return chunks.map((c) => c.choices[0]?.delta.content ?? '').join('');
  });
  for (const text of await Promise.all(replies)) Person.parse(JSON.parse(text));
});

test('a schema that refers to itself is kept to', async () => {
  const schema = {
    type: 'object',
    properties: {
      value: { type: 'integer', minimum: 0, maximum: 9 },
      next: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
    },
    required: ['value', 'next'],
    additionalProperties: false,
  };
  const { choices: [choice] } = await client.chat.completions.create({
    ...asked, response_format: { type: 'json_schema', json_schema: { name: 'list', strict: true, schema } },
  });
  if (choice.finish_reason === 'length') return;  // a list may go on for ever
  for (let at = JSON.parse(choice.message.content); at !== null; at = at.next) {
    assert.ok(at.value >= 0 && at.value <= 9);
  }
});

test('json_object is an object', async () => {
  const response_format = { type: 'json_object' };
  const { choices: [choice] } = await client.chat.completions.create({ ...asked, response_format });
  if (choice.finish_reason === 'length') return;
  const object = JSON.parse(choice.message.content);
  assert.ok(object !== null && typeof object === 'object' && !Array.isArray(object));
});

test('text is text', async () => {
  const response_format = { type: 'text' };
  const { choices: [choice] } = await client.chat.completions.create({ ...asked, response_format });
  assert.ok(choice.message.content.length > 0);
});

test('what cannot be kept to is refused before a token is written', async () => {
  const refused = (response_format) =>
    assert.rejects(client.chat.completions.create({ ...asked, response_format }), (e) => {
      assert.ok(e instanceof OpenAI.BadRequestError, String(e));
      assert.ok(String(e.param).startsWith('response_format'), `${e.param}: ${e.message}`);
      return true;
    });
  const schema = (s) => refused({ type: 'json_schema', json_schema: { name: 'x', schema: s } });
  await refused({ type: 'yaml' });
  await refused({ type: 'json_schema' });
  await schema({ type: 'objekt' });
  await schema({ type: 'string', pattern: '(' });
  await schema({ type: 'object', properties: { a: { $ref: '#/nowhere' } }, required: ['a'] });
  await schema({ not: { type: 'string' } });
});
