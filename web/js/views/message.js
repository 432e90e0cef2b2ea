// SPDX-License-Identifier: Apache-2.0
// One message on the page: its text, what the model thought, its figures, and what can be done with it.
import {copyButton} from '../ui/copy.js';
import {h} from '../ui/dom.js';
import {icon} from '../ui/icons.js';
import {toast} from '../ui/announce.js';
import {formatNumber, formatPercent, formatRate, formatSeconds, t} from '../i18n/i18n.js';
import {branchOf} from '../conversation/tree.js';
import {replyNumbers} from '../conversation/numbers.js';
import {ReplyText} from '../render/reply.js';
import {errorText} from './errors.js';

let endingIsKnown = true;  // until the server says that it cannot end the thinking of a request

export const isRunning = (node) => node.state === 'waiting' || node.state === 'writing';

function actionButton(name, label, run) {
  return h('button.icon-button.small', {type: 'button', title: label, aria: {label}, data: {action: name}, on: {click: run}}, icon(name));
}

// "‹ 2/3 ›", where a message has siblings.
function branchSwitch(chat, node) {
  const {index, count} = branchOf(chat.current, node.id);
  if (count < 2) return null;
  const step = (by, name, label) => h('button.icon-button.small', {
    type: 'button', title: label, disabled: index + by < 0 || index + by >= count, aria: {label}, data: {action: `branch-${name}`},
    on: {click: () => chat.switchBranch(node.id, by)},
  }, icon(name));
  return h('span.branches', {attrs: {role: 'group'}, aria: {label: t('branch.label')}},
    step(-1, 'left', t('branch.previous')),
    h('span', {textContent: `${index + 1}/${count}`, aria: {label: t('branch.of', {index: index + 1, count})}, attrs: {role: 'img'}}),
    step(1, 'right', t('branch.next')));
}

export class UserMessage {
  constructor(chat, node) {
    Object.assign(this, {chat, node});
    this.text = h('div.user-text', {textContent: node.content});
    this.actions = h('div.actions');
    this.element = h('li.message.user', {data: {id: node.id}},
      h('h2.visually-hidden', {textContent: t('message.you')}), this.text, this.actions);
    this.update();
  }

  update() {
    if (this.editor) return;
    const edit = actionButton('edit', t('message.edit'), () => this.edit());
    edit.disabled = this.chat.isRunning();
    this.actions.replaceChildren(...[branchSwitch(this.chat, this.node), edit, copyButton(() => this.node.content, t('message.copy'))].filter(Boolean));
  }

  /** Turns the text into a field. Sending makes a branch; cancelling changes nothing. */
  edit() {
    if (this.editor || this.chat.isRunning()) return;
    const field = h('textarea', {value: this.node.content, rows: Math.min(12, this.node.content.split('\n').length + 1), aria: {label: t('message.edit')}});
    const close = () => {
      this.editor.replaceWith(this.text);
      this.editor = null;
      this.actions.hidden = false;
      this.update();
      this.actions.querySelector('[data-action=edit]')?.focus();
    };
    const send = () => {
      const text = field.value.trim();
      if (!text || !this.chat.model) return;
      close();
      this.chat.edit(this.node.id, text);
    };
    this.editor = h('form.editor', {
      on: {
        submit: (event) => { event.preventDefault(); send(); },
        keydown: (event) => {
          if (event.key === 'Escape') { event.stopPropagation(); close(); }
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
        },
      },
    }, field, h('div.editor-foot', {}, h('span.note', {textContent: t('message.editNote')}),
      h('button.button', {type: 'button', textContent: t('message.cancel'), on: {click: close}}),
      h('button.button.primary', {type: 'submit', textContent: t('message.save')})));
    this.text.replaceWith(this.editor);
    this.actions.hidden = true;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }
}

export class Reply {
  constructor(chat, node, grown) {
    Object.assign(this, {chat, node});
    this.thoughts = this.#thoughts(grown);
    this.body = h('div.text.answer');
    this.bodyText = new ReplyText(this.body, grown);
    this.waiting = h('p.waiting', {}, h('span.dots', {aria: {hidden: 'true'}}, h('i'), h('i'), h('i')), this.waitingText = h('span'));
    this.notes = h('div.notes');
    this.figures = h('p.figures', {aria: {label: t('numbers.label')}});
    this.actions = h('div.actions');
    this.element = h('li.message.reply', {data: {id: node.id}},
      h('h2.message-model', {textContent: node.model}), this.thoughts, this.waiting, this.body, this.notes, this.figures, this.actions);
    this.update();
  }

  // The thoughts are folded; what is not looked at is not drawn.
  #thoughts(grown) {
    this.thoughtsTitle = h('span');
    this.answerNow = h('button.text-button', {type: 'button', textContent: t('reply.answerNow'), on: {click: () => this.#answerNow()}}, icon('skip'));
    this.thoughtsBody = h('div.text.thoughts-text');
    this.thoughtsText = new ReplyText(this.thoughtsBody, grown);
    const details = h('details', {on: {toggle: () => this.#showThoughts()}}, h('summary', {}, icon('right'), this.thoughtsTitle), this.thoughtsBody);
    this.details = details;
    return h('div.thoughts', {hidden: true}, details, this.answerNow);
  }

  #showThoughts() {
    if (this.details.open) this.thoughtsText.show(this.node.reasoning ?? '', !isRunning(this.node));
  }

  async #answerNow() {
    this.answerNow.disabled = true;
    try {
      await this.chat.generation()?.endThinking();
    } catch (error) {
      endingIsKnown &&= error.status !== 404;
      this.answerNow.disabled = false;
      this.update();
      toast(errorText(error), {kind: 'error'});
    }
  }

  /** Draws the node as it is now. */
  update() {
    const {node} = this;
    const running = isRunning(node);
    this.element.setAttribute('aria-busy', String(running));
    this.element.dataset.state = node.state;
    this.#updateThoughts(running);
    this.body.hidden = !node.content;
    if (node.content) this.bodyText.show(node.content, !running);
    this.tick();
    this.notes.replaceChildren(...this.#notes());
    this.#updateFigures(running);
    this.actions.hidden = running;
    if (!running) this.#updateActions();
  }

  /** What moves with the clock. */
  tick() {
    const {node} = this;
    const elapsed = (Date.now() - node.created) / 1000;
    this.waiting.hidden = node.state !== 'waiting';
    this.waitingText.textContent = elapsed < 1 ? t('reply.waiting') : t('reply.waitingFor', {time: formatSeconds(Math.floor(elapsed))});
    if (!node.reasoning) return;
    const thinking = node.thinkingMs === undefined && isRunning(node);
    const title = thinking ? t('reply.thinking', {time: formatSeconds(Math.max(0, Math.floor(elapsed - node.firstMs / 1000)))})
      : node.thinkingMs === undefined ? t('reply.thoughts') : t('reply.thought', {time: formatSeconds(node.thinkingMs / 1000)});
    if (this.thoughtsTitle.textContent !== title) this.thoughtsTitle.textContent = title;
  }

  #updateThoughts(running) {
    this.thoughts.hidden = !this.node.reasoning;
    this.thoughts.classList.toggle('active', running && !this.node.content);
    this.answerNow.hidden = !(running && endingIsKnown && this.chat.generation()?.thinking);
    this.#showThoughts();
  }

  #notes() {
    const {node} = this;
    const notes = [];
    const note = (text, kind = 'info') => notes.push(h('p.state-note', {textContent: text, data: {kind}}));
    if (node.state === 'failed') notes.push(h('div.error-note', {attrs: {role: 'alert'}}, h('strong', {textContent: t('error.title')}), h('p', {textContent: errorText(node.error)})));
    if (node.state === 'stopped') note(t('reply.stopped'));
    if (node.state === 'interrupted') note(t('reply.interrupted'));
    if (node.finish === 'length') note(t('reply.length'));
    if (node.finish === 'content_filter') note(t('reply.filtered'));
    if (node.state === 'done' && !node.content && node.finish !== 'length') note(t('reply.empty'));
    return notes;
  }

  #updateFigures(running) {
    const {tokens, rate, prompt, cached, firstMs, accepted} = replyNumbers(this.node);
    const parts = [];
    if (tokens !== undefined) parts.push(t('numbers.tokens', {n: formatNumber(tokens)}));
    if (rate !== undefined) parts.push(t('numbers.rate', {n: formatRate(rate)}));
    if (firstMs !== undefined) parts.push(t('numbers.first', {time: formatSeconds(firstMs / 1000)}));
    if (cached !== undefined && prompt !== undefined) parts.push(t('numbers.cached', {cached: formatNumber(cached), prompt: formatNumber(prompt)}));
    else if (prompt !== undefined) parts.push(t('numbers.prompt', {prompt: formatNumber(prompt)}));
    if (accepted !== undefined) parts.push(t('numbers.accepted', {share: formatPercent(accepted)}));
    this.figures.replaceChildren(...parts.map((part) => h('span', {textContent: part})));
    this.figures.hidden = running || tokens === undefined;
  }

  #updateActions() {
    const retry = actionButton('retry', t('message.retry'), () => { if (this.chat.model) this.chat.retry(this.node.id); });
    retry.disabled = this.chat.isRunning();
    const copy = this.node.content ? copyButton(() => this.node.content, t('message.copy')) : null;
    this.actions.replaceChildren(...[branchSwitch(this.chat, this.node), retry, copy].filter(Boolean));
  }
}
