// SPDX-License-Identifier: Apache-2.0
// The field for messages: grows with its text, sends on Enter, keeps drafts, and stops replies.
import {byId} from '../ui/dom.js';
import {toast} from '../ui/announce.js';
import {formatNumber, t} from '../i18n/i18n.js';
import {getDraft, setDraft} from '../store/preferences.js';
import {shownLeaf} from '../conversation/tree.js';
import {replyNumbers} from '../conversation/numbers.js';

export class Composer {
  #conversation = null;

  /** @param {() => number|null} contextOf  tokens of context of the chosen model */
  constructor(chat, {contextOf, editLast}) {
    Object.assign(this, {chat, contextOf, editLast});
    this.field = byId('message');
    this.send = byId('send');
    this.stop = byId('stop');
    byId('composer').addEventListener('submit', (event) => { event.preventDefault(); this.submit(); });
    this.stop.addEventListener('click', () => chat.stop());
    this.field.addEventListener('input', () => { setDraft(this.#conversation, this.field.value); this.#fit(); });
    this.field.addEventListener('keydown', (event) => this.#key(event));
    chat.addEventListener('conversation', () => this.update());
    chat.addEventListener('finished', () => this.update());
  }

  /** Shows whether something can be sent or stopped. */
  update() {
    const {current} = this.chat;
    if (this.#conversation !== current.id) {
      this.#conversation = current.id;
      this.field.value = getDraft(current.id);
    }
    const running = this.chat.isRunning();
    const hadFocus = [this.send, this.stop].includes(document.activeElement);
    this.stop.hidden = !running;
    this.send.hidden = running;
    if (hadFocus) this.field.focus();
    this.#fit();
    this.#showContext();
  }

  submit(text = this.field.value) {
    if (this.chat.isRunning() || !text.trim()) return;
    if (!this.chat.model) {
      toast(t('error.noModel'), {kind: 'error'});
      return;
    }
    this.field.value = '';
    setDraft(this.#conversation, '');
    this.chat.send(text.trim());
    this.field.focus();
  }

  focus() {
    this.field.focus();
  }

  #fit() {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, innerHeight * 0.4)}px`;
    this.send.disabled = !this.field.value.trim();
  }

  // Enter that ends the input of a Chinese word does not send: isComposing, and 229 in Safari.
  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === 'ArrowUp' && !this.field.value && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.editLast();
    }
  }

  #showContext() {
    const {context: used} = replyNumbers(shownLeaf(this.chat.current));
    const all = this.contextOf();
    byId('context').textContent = used && all ? t('numbers.context', {used: formatNumber(used), all: formatNumber(all)}) : '';
  }
}
