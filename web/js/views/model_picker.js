// SPDX-License-Identifier: Apache-2.0
// Which model answers. Waits for a server that is still loading, and says so.
import {byId, h} from '../ui/dom.js';
import {formatNumber, t} from '../i18n/i18n.js';
import {listModels, samplingDefaults, serverProps} from '../api/models.js';
import {getPreference, setPreference} from '../store/preferences.js';
import {errorText} from './errors.js';

const kAgainMs = 3000;

/** What is said of models that do not answer at once; a failed one is tried again when it is asked. */
const stateWords = {loading: 'models.isLoading', unloaded: 'models.isUnloaded', failed: 'models.hasFailed'};

export class ModelPicker {
  models = [];
  defaults = {};

  /** @param {(error: Error) => Promise<boolean>} askKey  asks for a key, tells whether one was given */
  constructor(chat, askKey) {
    Object.assign(this, {chat, askKey});
    this.select = byId('model');
    this.banner = byId('banner');
    this.select.addEventListener('change', () => this.choose(this.select.value));
    // A server that was restarted may have other models.
    addEventListener('online', () => this.load());
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.load(); });
  }

  choose(id) {
    this.chat.model = id;
    setPreference('model', id);
    this.select.value = id;
  }

  contextOf(id = this.chat.model) {
    return this.models.find((model) => model.id === id)?.context ?? null;
  }

  async load() {
    clearTimeout(this.again);
    try {
      this.models = await listModels();
      this.defaults = samplingDefaults(await serverProps());
      this.banner.hidden = true;
      this.draw();
      if (this.models.some(({status}) => status === 'loading')) this.again = setTimeout(() => this.load(), kAgainMs);
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #failed(error) {
    if (error.status === 401 && await this.askKey(error)) return this.load();
    const loading = error.status === 503;
    this.banner.textContent = `${t(loading ? 'models.loading' : 'models.failed')} ${errorText(error)}`;
    this.banner.dataset.kind = loading ? 'info' : 'error';
    this.banner.hidden = false;
    this.draw();
    // What needs the user is not asked for again and again.
    if (error.status !== 401 && error.status !== 403) this.again = setTimeout(() => this.load(), kAgainMs);
  }

  draw() {
    const {models} = this;
    this.select.disabled = !models.length;
    this.select.replaceChildren(...models.map(({id, context, status}) => h('option', {
      value: id, textContent: stateWords[status] ? `${id} (${t(stateWords[status])})` : id, title: context ? t('numbers.tokens', {n: formatNumber(context)}) : null,
    })));
    if (!models.length) {
      this.select.append(h('option', {textContent: t('header.noModels')}));
      this.chat.model = '';
      return;
    }
    const wanted = this.chat.model || getPreference('model');
    const known = models.find(({id}) => id === wanted) ?? models.find(({status}) => status === 'ready') ?? models[0];
    this.chat.model = known.id;
    this.select.value = known.id;
  }
}
