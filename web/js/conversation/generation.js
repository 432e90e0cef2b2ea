// SPDX-License-Identifier: Apache-2.0
// A reply that is being written: fills a node of the conversation from the stream, tells who watches,
// and can be stopped. It goes on when another conversation is looked at.
import {endThinking, streamChat} from '../api/chat_stream.js';
import {pathTo} from './tree.js';
import {chatRequest} from './settings.js';

export class Generation {
  #controller = new AbortController();

  /**
   * @param {object} conversation  whose settings hold
   * @param {object} node  the reply, a child of the user's message
   * @param {(node: object) => void} changed  called after every part; must be quick
   */
  constructor(conversation, node, changed) {
    Object.assign(this, {conversation, node, changed, requestId: null});
  }

  /** Runs to the end, never throws: what went wrong is in node.error. */
  async run() {
    const {conversation, node} = this;
    const begin = performance.now();
    const messages = pathTo(conversation, node.parent);
    try {
      const body = chatRequest(messages, conversation.settings, node.model);
      for await (const part of streamChat(body, this.#controller.signal)) this.#take(part, begin);
      node.state = 'done';
    } catch (error) {
      if (error.name === 'AbortError') {
        node.state = 'stopped';
      } else {
        node.state = 'failed';
        const {message, status = null, type = '', retryAfter = null} = error;
        // An error that is not the server's is ours: said as it is, not hidden.
        node.error = {message: status === null ? String(error) : message, status, type, retryAfter};
      }
    }
    node.totalMs = Math.round(performance.now() - begin);
    if (node.reasoning) node.thinkingMs ??= node.totalMs - node.firstMs;
    this.changed(node);
  }

  #take(part, begin) {
    const {node} = this;
    const now = Math.round(performance.now() - begin);
    this.requestId = part.id ?? this.requestId;
    if (part.content || part.reasoning) {
      node.state = 'writing';
      node.firstMs ??= now;
    }
    if (part.reasoning) node.reasoning = (node.reasoning ?? '') + part.reasoning;
    if (part.content) {
      // Thinking lasts from the first token until the answer begins.
      if (node.reasoning) node.thinkingMs ??= now - node.firstMs;
      node.content += part.content;
    }
    if (part.finish) node.finish = part.finish;
    if (part.usage) node.usage = part.usage;
    if (part.timings) node.timings = part.timings;
    this.changed(node);
  }

  stop() {
    this.#controller.abort();
  }

  /** Whether the model thinks right now and can be told to answer. */
  get thinking() {
    return Boolean(this.requestId && this.node.state === 'writing' && this.node.reasoning && !this.node.content);
  }

  /** Throws ApiError where the server does not take it. */
  endThinking() {
    return endThinking(this.requestId, this.node.model);
  }
}
