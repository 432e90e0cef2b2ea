// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {addNode, createConversation, kRoot, shownPath} from '../../../web/js/conversation/tree.js';
import {ImportError, exportText, importText} from '../../../web/js/store/transfer.js';

function example() {
  const conversation = createConversation({system: 's', temperature: 0.5}, 1000);
  const question = addNode(conversation, kRoot, {role: 'user', content: 'q <b>'}, 1001);
  addNode(conversation, question.id, {
    role: 'assistant', content: 'a', model: 'm', state: 'done', reasoning: 'r', finish: 'stop', firstMs: 1, thinkingMs: 2, totalMs: 3,
    usage: {total_tokens: 4, prompt_tokens_details: {cached_tokens: 1}}, timings: {draft_n: 2},
  }, 1002);
  addNode(conversation, question.id, {role: 'assistant', content: '', model: 'm', state: 'failed', error: {message: 'e', status: 500, type: '', retryAfter: null}}, 1003);
  conversation.title = 'title';
  return conversation;
}

test('what is exported comes back the same', () => {
  const conversations = [example(), createConversation({}, 5)];
  assert.deepEqual(importText(exportText(conversations)), conversations);
});

test('what is there is never overwritten', () => {
  const conversation = example();
  const [copy] = importText(exportText([conversation]), (id) => id === conversation.id);
  assert.notEqual(copy.id, conversation.id);
  assert.deepEqual(copy.nodes, conversation.nodes);
  const twice = importText(exportText([conversation, conversation]));
  assert.notEqual(twice[0].id, twice[1].id);
});

/** A file whose conversation `spoil` changed. */
function spoiled(spoil) {
  const file = JSON.parse(exportText([example()]));
  spoil(file, file.conversations[0], file.conversations[0].nodes);
  return JSON.stringify(file);
}

const firstOf = (nodes) => nodes[nodes.root.children[0]];

test('files that are no such file, or damaged, are refused', () => {
  const refused = {
    'import.notJson': ['', '{', 'a,b'],
    'import.notOurs': ['[]', 'null', '{"format":"other"}'],
    'import.version': [spoiled((file) => { file.version = 2; })],
    'import.broken': [
      spoiled((file) => { file.conversations = {}; }),
      spoiled((file) => { file.conversations = [null]; }),
      spoiled((file, conversation) => { conversation.id = '../x'; }),
      spoiled((file, conversation) => { conversation.title = 7; }),
      spoiled((file, conversation) => { conversation.nodes = []; }),
      spoiled((file, conversation, nodes) => { delete nodes.root; }),
      spoiled((file, conversation, nodes) => { nodes.root.children.push('gone'); }),
      spoiled((file, conversation, nodes) => { nodes.root.children.push(nodes.root.children[0]); }),
      spoiled((file, conversation, nodes) => { firstOf(nodes).children.push('root'); }),
      spoiled((file, conversation, nodes) => { nodes.stray = {role: 'user', content: '', children: []}; }),
      spoiled((file, conversation, nodes) => { firstOf(nodes).role = 'system'; }),
      spoiled((file, conversation, nodes) => { firstOf(nodes).content = {x: 1}; }),
      spoiled((file, conversation, nodes) => { firstOf(nodes).children = 'abc'; }),
    ],
  };
  for (const [reason, texts] of Object.entries(refused)) {
    for (const text of texts) assert.throws(() => importText(text), (error) => error instanceof ImportError && error.reason === reason, `${reason}: ${text}`);
  }
});

test('what is not known is not taken', () => {
  const text = spoiled((file, conversation, nodes) => {
    conversation.onload = 'x';
    conversation.settings.system = 7;
    firstOf(nodes).innerHTML = '<b>';
    firstOf(nodes).chosen = 'elsewhere';
    const reply = nodes[firstOf(nodes).children[0]];
    reply.usage = {total_tokens: 'x', nested: {deep: {deeper: 1}, n: 2}};
    reply.state = 'writing';
  });
  const [conversation] = importText(text);
  assert.ok(!('onload' in conversation));
  assert.deepEqual(conversation.settings, {temperature: 0.5});
  const [question] = shownPath(conversation);
  assert.ok(!('innerHTML' in question));
  const reply = conversation.nodes[question.children[0]];
  assert.deepEqual(reply.usage, {nested: {n: 2}});
  assert.equal(reply.state, 'interrupted');
  assert.equal(question.chosen, question.children[1]);
});

test('names of JavaScript’s own are no messages', () => {
  const text = exportText([example()]).replace('"nodes": {', '"nodes": {"__proto__": {"role": "user", "content": "", "children": []},');
  assert.throws(() => importText(text), ImportError);
});
