// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {addNode, branchOf, createConversation, kRoot, pathTo, settleInterrupted, shownLeaf, shownPath, switchBranch, titleFrom} from '../../../web/js/conversation/tree.js';
import {chatRequest, cleanSettings, kNumbers, readNumber} from '../../../web/js/conversation/settings.js';
import {replyNumbers} from '../../../web/js/conversation/numbers.js';

const texts = (conversation) => shownPath(conversation).map(({content}) => content).join(' ');

test('edits and retries are branches, and each remembers what was chosen below it', () => {
  const conversation = createConversation();
  const q1 = addNode(conversation, kRoot, {role: 'user', content: 'q1'});
  const a1 = addNode(conversation, q1.id, {role: 'assistant', content: 'a1'});
  const q2 = addNode(conversation, a1.id, {role: 'user', content: 'q2'});
  addNode(conversation, q2.id, {role: 'assistant', content: 'a2'});
  addNode(conversation, q2.id, {role: 'assistant', content: 'a2b'});
  assert.equal(texts(conversation), 'q1 a1 q2 a2b');
  const edited = addNode(conversation, kRoot, {role: 'user', content: 'Q1'});
  assert.equal(texts(conversation), 'Q1');
  assert.deepEqual(branchOf(conversation, edited.id), {index: 1, count: 2});
  assert.equal(switchBranch(conversation, edited.id, -1).id, q1.id);
  assert.equal(texts(conversation), 'q1 a1 q2 a2b');
  assert.equal(switchBranch(conversation, q1.id, -1), null);
  assert.equal(texts(conversation), 'q1 a1 q2 a2b');
  assert.deepEqual(pathTo(conversation, q2.id).map(({content}) => content), ['q1', 'a1', 'q2']);
  assert.equal(shownLeaf(createConversation()).id, kRoot);
});

test('replies that a closed page cut off are settled', () => {
  const conversation = createConversation();
  const node = addNode(conversation, kRoot, {role: 'assistant', state: 'writing'});
  assert.ok(settleInterrupted(conversation));
  assert.equal(node.state, 'interrupted');
  assert.ok(!settleInterrupted(conversation));
});

test('titles are cut at words, and between whole characters', () => {
  assert.equal(titleFrom('  short\nsecond line'), 'short');
  assert.equal(titleFrom('one two three four', 12), 'one two…');
  assert.equal(titleFrom('🙂'.repeat(10), 4), '🙂🙂🙂🙂…');
});

test('a request has what was set, and nothing else', () => {
  const path = [
    {role: 'user', content: 'q'}, {role: 'assistant', content: 'a', reasoning: 'r'}, {role: 'user', content: 'q2'}, {role: 'assistant', content: ''},
    {role: 'user', content: 'q3'},
  ];
  assert.deepEqual(chatRequest(path, {system: 's', temperature: 0, seed: 3, effort: 'low'}, 'm'), {
    model: 'm', stream: true, stream_options: {include_usage: true}, reasoning_control: true, temperature: 0, seed: 3, reasoning_effort: 'low',
    messages: [{role: 'system', content: 's'}, {role: 'user', content: 'q'}, {role: 'assistant', content: 'a', reasoning_content: 'r'},
      {role: 'user', content: 'q2'}, {role: 'user', content: 'q3'}],
  });
  assert.ok(!('temperature' in chatRequest([], {}, 'm')));
});

test('numbers are read with their bounds', () => {
  const named = (name) => kNumbers.find((number) => number.name === name);
  assert.deepEqual(readNumber(named('temperature'), ' '), {value: null});
  assert.deepEqual(readNumber(named('temperature'), '0.7'), {value: 0.7});
  assert.deepEqual(readNumber(named('temperature'), '0,7'), {problem: 'number'});
  assert.deepEqual(readNumber(named('temperature'), '2.1'), {problem: 'range'});
  assert.deepEqual(readNumber(named('seed'), '1.5'), {problem: 'integer'});
  assert.deepEqual(readNumber(named('max_tokens'), '0'), {problem: 'range'});
});

test('settings that are not ours are left out', () => {
  assert.deepEqual(cleanSettings({system: ' ', temperature: 9, top_k: 4, effort: 'much', x: 1}), {top_k: 4});
  assert.deepEqual(cleanSettings(null), {});
});

test('figures are the server’s, and a rate by the clock where it gives none', () => {
  assert.deepEqual(replyNumbers({}), {tokens: undefined, prompt: undefined, cached: undefined, rate: undefined, firstMs: undefined, accepted: undefined, context: undefined});
  const given = replyNumbers({firstMs: 100, totalMs: 1100, usage: {completion_tokens: 11, prompt_tokens: 5, total_tokens: 16, prompt_tokens_details: {cached_tokens: 2}}});
  assert.equal(given.rate, 10);
  assert.equal(given.cached, 2);
  assert.equal(given.context, 16);
  const timed = replyNumbers({timings: {cache_n: 3, prompt_n: 4, predicted_n: 5, predicted_per_second: 50, draft_n: 4, draft_n_accepted: 1}});
  assert.deepEqual([timed.prompt, timed.rate, timed.accepted], [7, 50, 0.25]);
});
