// SPDX-License-Identifier: Apache-2.0
// The list of conversations: by age, searched by title, with what can be done to each.
import {byId, h} from '../ui/dom.js';
import {icon} from '../ui/icons.js';
import {toast} from '../ui/announce.js';
import {saveFile} from '../ui/files.js';
import {language, t} from '../i18n/i18n.js';
import {ImportError} from '../store/transfer.js';

const kDay = 24 * 3600 * 1000;

/** The key of the group that a conversation of this age belongs to; days end at midnight. */
export function ageGroup(updated, now = Date.now()) {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (updated >= midnight) return 'sidebar.today';
  if (updated >= midnight - kDay) return 'sidebar.yesterday';
  if (updated >= midnight - 6 * kDay) return 'sidebar.week';
  return 'sidebar.older';
}

export class Sidebar {
  constructor(chat, {open, startNew}) {
    Object.assign(this, {chat, open, startNew});
    this.element = byId('sidebar');
    this.list = byId('conversations');
    this.search = byId('search');
    this.opener = byId('open-sidebar');
    this.narrow = matchMedia('(max-width: 760px)');
    chat.addEventListener('list', () => this.draw());
    chat.addEventListener('conversation', () => this.draw());
    this.search.addEventListener('input', () => this.draw());
    this.search.addEventListener('keydown', (event) => this.#searchKey(event));
    byId('new-conversation').addEventListener('click', () => { this.hide(); this.startNew(); });
    byId('export').addEventListener('click', () => this.#export());
    byId('import').addEventListener('click', () => byId('import-file').click());
    byId('import-file').addEventListener('change', (event) => this.#import(event.target));
    this.opener.addEventListener('click', () => this.show());
    byId('close-sidebar').addEventListener('click', () => this.hide());
    byId('scrim').addEventListener('click', () => this.hide());
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.narrow.matches) return;
      event.stopPropagation();  // it stops no reply
      this.hide();
    });
    this.narrow.addEventListener('change', () => this.#place(false));
    this.#place(false);
  }

  /** To the field for searching; on a narrow screen the list comes in first. */
  searchNow() {
    this.show();
    this.search.focus();
    this.search.select();
  }

  show() {
    this.#place(true);
    if (this.narrow.matches) byId('close-sidebar').focus();
  }

  hide() {
    const wasInside = this.element.contains(document.activeElement);
    this.#place(false);
    if (this.narrow.matches && wasInside) this.opener.focus();
  }

  // On a narrow screen the list lies over the conversation, or away where nothing in it gets focus.
  #place(shown) {
    const narrow = this.narrow.matches;
    this.element.classList.toggle('shown', shown);
    this.element.inert = narrow && !shown;
    byId('scrim').hidden = !(narrow && shown);
    this.opener.setAttribute('aria-expanded', String(!narrow || shown));
  }

  /** Draws the list where it changed; while a title is being typed, not at all. */
  draw() {
    const wanted = this.search.value.trim().toLocaleLowerCase();
    const found = this.chat.summaries.filter(({title}) => title.toLocaleLowerCase().includes(wanted));
    const groups = groupByAge(found);
    const state = JSON.stringify([language(), this.chat.current?.id, ...groups, ...found.map(({id}) => this.chat.isRunning(id))]);
    if (state === this.drawn || this.list.querySelector('.rename')) return;
    this.drawn = state;
    const focused = placeOf(document.activeElement);
    this.list.replaceChildren(...[...groups].map(([group, entries]) => h('section', {},
      h('h2.group', {textContent: t(group)}),
      h('ul', {}, ...entries.map((entry) => this.#entry(entry))))));
    if (!found.length) this.list.append(h('p.note', {textContent: t(wanted ? 'sidebar.nothing' : 'sidebar.none')}));
    if (focused) this.list.querySelector(focused)?.focus();
  }

  #entry({id, title}) {
    const name = title || t('conversation.untitled');
    const current = this.chat.current?.id === id;
    const button = (symbol, key, run) => h('button.icon-button.small', {
      type: 'button', title: t(`conversation.${key}`), aria: {label: t(`conversation.${key}Of`, {title: name})}, data: {action: key}, on: {click: run},
    }, icon(symbol));
    return h('li.entry', {data: {conversation: id, current: String(current)}},
      h('a', {href: `#${id}`, title: name, aria: {current: current ? 'page' : null}, on: {click: (event) => { event.preventDefault(); this.hide(); this.open(id); }}},
        this.chat.isRunning(id) ? h('span.running-dot', {attrs: {role: 'img'}, aria: {label: t('conversation.running')}}) : null,
        h('span.entry-title', {textContent: name})),
      h('span.entry-actions', {},
        button('edit', 'rename', (event) => this.#rename(event.target.closest('li'), id, name)),
        button('download', 'export', () => this.#export(id, name)),
        button('trash', 'delete', () => this.#delete(id, name))));
  }

  #rename(item, id, title) {
    const field = h('input.rename', {value: title, aria: {label: t('conversation.title')}});
    let over = false;
    const finish = async (keep) => {
      if (over) return;
      over = true;
      const title = field.value;
      field.remove();
      this.drawn = null;
      if (keep) await this.chat.rename(id, title);
      this.draw();
      this.list.querySelector(`[data-conversation="${CSS.escape(id)}"] a`)?.focus();
    };
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) finish(true);
      if (event.key === 'Escape') { event.stopPropagation(); finish(false); }
    });
    field.addEventListener('blur', () => finish(true));
    item.replaceChildren(field);
    field.focus();
    field.select();
  }

  async #delete(id, title) {
    const conversation = await this.chat.remove(id);
    if (!conversation) return;
    this.search.focus();
    toast(t('conversation.deleted', {title}), {action: {label: t('undo'), run: async () => {
      await this.chat.restore(conversation);
      this.open(id);
    }}});
  }

  async #export(id = null, title = 'conversations') {
    const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 40) || 'conversation';
    saveFile(`pangu-${name}-${new Date().toISOString().slice(0, 10)}.json`, await this.chat.export(id));
  }

  async #import(input) {
    const [file] = input.files;
    input.value = '';
    if (!file) return;
    try {
      const count = await this.chat.import(await file.text());
      toast(t('import.done', {count}));
    } catch (error) {
      const words = error instanceof ImportError ? `${t(error.reason)}: ${error.detail}` : t('error.page', {message: error.message});
      toast(words, {kind: 'error', seconds: 20});
    }
  }

  // Arrow down goes to the first that was found, Enter opens it.
  #searchKey(event) {
    if (event.isComposing) return;
    const first = this.list.querySelector('a');
    if (event.key === 'ArrowDown' && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === 'Enter' && first && this.search.value.trim()) {
      first.click();
    }
  }
}

/** A selector of the control in the list that has the focus, or null. */
function placeOf(element) {
  const conversation = element?.closest?.('[data-conversation]')?.dataset.conversation;
  if (!conversation) return null;
  const {action} = element.dataset;
  return `[data-conversation="${CSS.escape(conversation)}"] ${action ? `[data-action=${action}]` : 'a'}`;
}

function groupByAge(entries) {
  const groups = new Map();
  for (const entry of entries) {
    const group = ageGroup(entry.updated);
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  return groups;
}
