// SPDX-License-Identifier: Apache-2.0
// The conversations of this browser and what is done with them: open, send, edit, retry, switch, keep.
// Views listen to its events: 'list' (the summaries), 'conversation' (another one, or its messages),
// 'reply' (detail: a node that grew or ended) and 'problem' (detail: words for the user).
import {openChannel, openStore} from '../store/database.js';
import {exportText, importText} from '../store/transfer.js';
import {getPreference, setPreference} from '../store/preferences.js';
import {t} from '../i18n/i18n.js';
import {Generation} from './generation.js';
import {cleanSettings} from './settings.js';
import {addNode, createConversation, kRoot, settleInterrupted, shownLeaf, switchBranch, titleFrom} from './tree.js';

const kSaveEveryMs = 2000;

export class Chat extends EventTarget {
  summaries = [];
  current = null;
  model = '';
  #running = new Map();  // conversation id -> Generation
  #saveTimers = new Map();

  async start(id) {
    this.store = await openStore();
    this.channel = openChannel((changed) => this.#heard(changed));
    this.summaries = await this.store.list();
    if (!id || !await this.open(id)) this.startNew();
    this.#emit('list');
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }

  /** Shows a kept conversation; false where there is none with this id. */
  async open(id) {
    if (this.current?.id === id) return true;
    const running = this.#running.get(id)?.conversation;
    const conversation = running ?? await this.store.get(id);
    if (!conversation) return false;
    if (!running) settleInterrupted(conversation);
    this.current = conversation;
    this.#emit('conversation');
    return true;
  }

  /** An empty conversation, which is kept from its first message on. */
  startNew() {
    this.current = createConversation(cleanSettings(getPreference('settings', {})));
    this.#emit('conversation');
  }

  isRunning(id = this.current?.id) {
    return this.#running.has(id);
  }

  generation(id = this.current?.id) {
    return this.#running.get(id) ?? null;
  }

  /** Sends a message of the user below the last one that is shown. */
  send(text) {
    this.#ask(this.current, shownLeaf(this.current).id, text);
  }

  /** Sends another text in place of a message: a branch beside it. */
  edit(id, text) {
    this.#ask(this.current, this.current.nodes[id].parent, text);
  }

  /** Another try at a reply: a branch beside it. */
  retry(id) {
    this.#write(this.current, this.current.nodes[id].parent);
  }

  #ask(conversation, parent, text) {
    const node = addNode(conversation, parent, {role: 'user', content: text});
    if (!conversation.title) conversation.title = titleFrom(text);
    this.#write(conversation, node.id);
  }

  #write(conversation, parent) {
    const node = addNode(conversation, parent, {role: 'assistant', state: 'waiting', model: this.model});
    const generation = new Generation(conversation, node, () => {
      this.#saveSoon(conversation);
      this.#emit('reply', node);
    });
    this.#running.set(conversation.id, generation);
    this.#save(conversation);
    this.#emit('conversation');
    generation.run().then(() => {
      this.#running.delete(conversation.id);
      conversation.updated = Date.now();
      this.#save(conversation);
      this.#emit('finished', node);
      if (conversation === this.current) this.#emit('conversation');
    });
  }

  stop(id = this.current?.id) {
    this.#running.get(id)?.stop();
  }

  switchBranch(id, step) {
    if (!switchBranch(this.current, id, step)) return;
    this.#save(this.current);
    this.#emit('conversation');
  }

  /** Settings of this conversation, and of new ones. */
  setSettings(settings) {
    this.current.settings = cleanSettings(settings);
    setPreference('settings', this.current.settings);
    if (this.current.nodes[kRoot].children.length) this.#save(this.current);
  }

  async rename(id, title) {
    const conversation = await this.#get(id);
    if (!conversation || !title.trim()) return;
    conversation.title = title.trim();
    await this.#save(conversation);
  }

  /** Deletes a conversation and returns it, for restore(). */
  async remove(id) {
    const conversation = await this.#get(id);
    this.stop(id);
    clearTimeout(this.#saveTimers.get(id));
    this.#saveTimers.delete(id);
    await this.store.remove(id);
    this.removed = (this.removed ?? new Set()).add(id);
    await this.#listChanged(id);
    if (this.current.id === id) this.startNew();
    return conversation;
  }

  async restore(conversation) {
    this.removed.delete(conversation.id);
    settleInterrupted(conversation);
    await this.#save(conversation);
  }

  /** The text of a file with one conversation, or all. */
  async export(id = null) {
    const ids = id ? [id] : this.summaries.map((summary) => summary.id);
    const conversations = [];
    for (const each of ids) {
      const conversation = await this.#get(each);
      if (conversation) conversations.push(conversation);
    }
    return exportText(conversations);
  }

  /** Takes the conversations of a file; returns how many. Throws ImportError. */
  async import(text) {
    const ids = new Set(this.summaries.map((summary) => summary.id));
    const conversations = importText(text, (id) => ids.has(id));
    for (const conversation of conversations) await this.store.put(conversation);
    await this.#listChanged(null);
    if (conversations.length === 1) await this.open(conversations[0].id);
    return conversations.length;
  }

  /** Keeps what is being written, for a page that is about to go. */
  flush() {
    for (const {conversation} of this.#running.values()) this.#save(conversation);
  }

  async #get(id) {
    if (this.current?.id === id) return this.current;
    return this.#running.get(id)?.conversation ?? await this.store.get(id);
  }

  #saveSoon(conversation) {
    if (this.#saveTimers.has(conversation.id)) return;
    this.#saveTimers.set(conversation.id, setTimeout(() => this.#save(conversation), kSaveEveryMs));
  }

  async #save(conversation) {
    clearTimeout(this.#saveTimers.get(conversation.id));
    this.#saveTimers.delete(conversation.id);
    if (this.removed?.has(conversation.id)) return;
    try {
      await this.store.put(conversation);
    } catch (error) {
      this.#emit('problem', t('error.store', {message: error?.message ?? String(error)}));
    }
    await this.#listChanged(conversation.id);
  }

  async #listChanged(id) {
    this.summaries = await this.store.list();
    this.#emit('list');
    this.channel.tell(id);
  }

  // Another tab changed something. What this tab writes right now stays its own.
  async #heard(id) {
    this.summaries = await this.store.list();
    this.#emit('list');
    if (id !== this.current?.id || this.isRunning(id)) return;
    const conversation = await this.store.get(id);
    if (!conversation || this.isRunning(id) || this.current?.id !== id) return;
    this.current = conversation;
    this.#emit('conversation');
  }
}
