// SPDX-License-Identifier: Apache-2.0
// /v1/decisions: which of given options the model prefers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ask, model, question, request, user } from './server.js';

const options = ['62 yuan', '54 yuan', '7 cats'];

test('a choice has probabilities that do not depend on the order of the options', async () => {
  const orders = 6;
  const reply = await ask('/v1/decisions', { model, messages: user(question), options, orders });
  assert.equal(reply.object, 'decision');
  assert.equal(reply.options.length, 3);
  const sum = reply.options.reduce((total, o) => total + o.probability, 0);
  assert.ok(Math.abs(sum - 1) < 1e-6, sum);
  assert.equal(reply.choice.text, options[reply.choice.index]);
  assert.ok(reply.options.every((o) => o.probability <= reply.choice.probability));
  assert.equal(reply.orders.length, orders);
  const turned = await ask('/v1/decisions', { model, prompt: question, options: options.toReversed(), orders });
  for (const { text, probability } of turned.options) {
    const same = reply.options.find((o) => o.text === text);
    assert.ok(Math.abs(same.probability - probability) < 1e-3, `${text}: ${same.probability} ${probability}`);
  }
});

test('what cannot be decided is refused by name', async () => {
  for (const [more, param] of [
    [{ options: ['a'] }, 'options'], [{ options: ['a', 'a'] }, 'options'], [{ options: ['a', ''] }, 'options'],
    [{ options: undefined }, 'options'], [{ orders: 0 }, 'orders'], [{ orders: 7 }, 'orders'],
    [{ prompt: 'x' }, 'prompt'], [{ messages: undefined }, 'messages'], [{ reasoning_effort: 'high' }, 'reasoning_effort'],
    [{ messages: [...user('x'), { role: 'assistant', content: 'y' }] }, 'messages'],
  ]) {
    const response = await request('/v1/decisions', { model, messages: user(question), options, ...more });
    assert.equal(response.status, 400, JSON.stringify(more));
    assert.equal((await response.json()).error.param, param);
  }
});
