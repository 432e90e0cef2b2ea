// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ApiError, errorOf} from '../../../web/js/api/client.js';
import {partOf} from '../../../web/js/api/chat_stream.js';
import {samplingDefaults} from '../../../web/js/api/models.js';

test('errors keep the words of the server', () => {
  const error = errorOf(429, '{"error":{"message":"the queue is full","type":"t","code":429}}', '7');
  assert.ok(error instanceof ApiError);
  assert.deepEqual({...error, message: error.message}, {name: 'ApiError', status: 429, type: 't', code: 429, retryAfter: 7, message: 'the queue is full'});
  assert.equal(errorOf(400, '{"error":"plain"}').message, 'plain');
  assert.equal(errorOf(400, '{"detail":"of a proxy"}').message, 'of a proxy');
  assert.equal(errorOf(502, 'Bad Gateway\n').message, 'Bad Gateway');
  assert.equal(errorOf(502, '<html>long page</html>').message, '');
  assert.equal(errorOf(500, '{"error":{"message":{"x":1}}}').message, '');
  assert.equal(errorOf(503, '', 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfter, null);
});

test('a chunk gives what is in it', () => {
  assert.deepEqual(partOf({id: 'a', choices: [{delta: {role: 'assistant', content: ''}, finish_reason: null}], usage: null}),
    {id: 'a', content: undefined, reasoning: undefined, finish: undefined, usage: undefined, timings: undefined});
  assert.equal(partOf({choices: [{delta: {reasoning_content: 'r'}}]}).reasoning, 'r');
  assert.equal(partOf({choices: [{delta: {reasoning: 'r'}}]}).reasoning, 'r');
  assert.deepEqual(partOf({choices: [], usage: {total_tokens: 3}}).usage, {total_tokens: 3});
  assert.equal(partOf({choices: [{message: {content: 'whole'}, finish_reason: 'stop'}]}).content, 'whole');
});

test('an error in the stream is thrown', () => {
  assert.throws(() => partOf({error: {message: 'gone', code: 500}}), {name: 'ApiError', message: 'gone', status: 500});
  assert.throws(() => partOf({error: 'gone'}), {message: 'gone'});
});

test('sampling defaults are read from either form of /props', () => {
  assert.equal(samplingDefaults({default_generation_settings: {params: {n_predict: 9, top_k: 4}}}).max_tokens, 9);
  assert.equal(samplingDefaults({default_generation_settings: {temperature: 0.5}}).temperature, 0.5);
  assert.equal(samplingDefaults(null).temperature, undefined);
});
