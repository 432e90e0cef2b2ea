// SPDX-License-Identifier: Apache-2.0
// The list of messages: follows the conversation, redraws a growing reply at a bearable pace, and stays
// at the end while the reader is there.
import {byId, setChildren} from '../ui/dom.js';
import {announce} from '../ui/announce.js';
import {t} from '../i18n/i18n.js';
import {shownPath} from '../conversation/tree.js';
import {Reply, UserMessage, isRunning} from './message.js';

const kNearEnd = 60;  // pixels that still count as the end

export class MessagesView {
  #views = new Map();  // node id -> view
  #shown = null;       // id of the conversation
  #dirty = new Set();
  #scheduled = false;
  #pause = 0;  // ms until the next drawing may begin
  #follow = true;

  constructor(chat) {
    this.chat = chat;
    this.list = byId('messages');
    this.log = byId('log');
    this.scroll = byId('scroll');
    this.latest = byId('latest');
    chat.addEventListener('conversation', () => this.sync());
    chat.addEventListener('reply', ({detail}) => this.#schedule(detail));
    chat.addEventListener('finished', ({detail}) => this.#finished(detail));
    this.scroll.addEventListener('scroll', () => this.#scrolled(), {passive: true});
    this.latest.addEventListener('click', () => this.toEnd());
    setInterval(() => this.#tick(), 500);
  }

  /** Shows the messages of the conversation as they are. */
  sync() {
    const {current} = this.chat;
    if (this.#shown !== current.id) {
      this.#views.clear();
      this.#shown = current.id;
      this.#follow = true;
      this.log.setAttribute('aria-live', 'off');  // old messages are not news
    } else {
      this.log.setAttribute('aria-live', 'polite');
    }
    const path = shownPath(current);
    setChildren(this.list, path.map((node) => this.#view(node).element));
    for (const node of path) this.#view(node).update();
    if (this.#follow) this.toEnd();
    this.#scrolled();
  }

  /** Draws everything anew, in another language. */
  rebuild() {
    this.#views.clear();
    this.sync();
  }

  #view(node) {
    let view = this.#views.get(node.id);
    if (!view || view.node !== node) {
      view = node.role === 'user' ? new UserMessage(this.chat, node) : new Reply(this.chat, node, () => this.#grown());
      this.#views.set(node.id, view);
    }
    return view;
  }

  /** Begins to edit the last message of the user. */
  editLast() {
    const last = shownPath(this.chat.current).findLast((node) => node.role === 'user');
    if (last) this.#view(last).edit();
  }

  // A drawing takes time that grows with the reply; the pause after it is a few times as long, so that
  // the page stays quick whatever comes.
  #schedule(node) {
    if (!this.#views.has(node.id)) return;
    this.#dirty.add(node.id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => requestAnimationFrame(() => this.#draw()), this.#pause);
  }

  #draw() {
    this.#scheduled = false;
    const begin = performance.now();
    for (const id of this.#dirty) this.#views.get(id)?.update();
    this.#dirty.clear();
    this.#grown();
    this.#pause = Math.min(500, Math.max(30, 4 * (performance.now() - begin)));
  }

  #finished(node) {
    const view = this.#views.get(node.id);
    if (!view) return;
    this.#dirty.delete(node.id);
    view.update();
    this.#grown();
    if (node.state === 'done') announce(t('reply.finished'));
    if (node.state === 'stopped') announce(t('reply.stopped'));
  }

  #tick() {
    for (const view of this.#views.values()) if (view.tick && isRunning(view.node)) view.tick();
  }

  #grown() {
    if (this.#follow) this.toEnd();
    else this.#scrolled();
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  #scrolled() {
    const left = this.scroll.scrollHeight - this.scroll.clientHeight - this.scroll.scrollTop;
    this.#follow = left <= kNearEnd;
    this.latest.hidden = this.#follow;
  }
}
