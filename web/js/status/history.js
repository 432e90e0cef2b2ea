// SPDX-License-Identifier: Apache-2.0
// The figures of the last minutes, and what they say about rates and shares.
import {growth, quantile} from './prometheus.js';

export const kEverySeconds = 2;
export const kMinutes = 5;
const kRateSeconds = 10;   // over which a rate is taken: steady to read, quick to follow
const kShareSeconds = 60;  // a share of few would jump

export class History {
  moments = [];

  add(figures) {
    this.moments.push(figures);
    const oldest = figures.time - (kMinutes * 60 + kRateSeconds) * 1000;
    while (this.moments.length > 2 && this.moments[0].time < oldest) this.moments.shift();
  }

  get last() {
    return this.moments.at(-1);
  }

  // The moment `seconds` before the one at `index`, or the first after that.
  #before(index, seconds) {
    const from = this.moments[index].time - seconds * 1000;
    return this.moments.find(({time}, at) => time >= from || at >= index - 1);
  }

  /** A counter's growth per second up to now, or up to the moment at `index`. */
  rate(key, model = null, index = this.moments.length - 1) {
    if (index < 1) return undefined;
    const now = this.moments[index];
    const then = this.#before(index, kRateSeconds);
    const grown = growth(then.value(key, model), now.value(key, model));
    return grown === undefined || now.time <= then.time ? undefined : grown / ((now.time - then.time) / 1000);
  }

  /** The growth of one counter in that of another over the last minute: {share, of}. */
  share(part, whole) {
    if (this.moments.length < 2) return {};
    const then = this.#before(this.moments.length - 1, kShareSeconds);
    const of = growth(then.value(whole), this.last.value(whole));
    const grown = growth(then.value(part), this.last.value(part));
    return {of, share: of > 0 && grown !== undefined ? grown / of : undefined};
  }

  /** A quantile since the first moment that is kept; of all that was before where nothing came since. */
  quantile(key, q) {
    const now = this.last.buckets(key);
    return quantile(this.moments[0].buckets(key), now, q) ?? quantile([], now, q);
  }

  /** Points of a chart: [seconds before now, value]. */
  series(valueAt) {
    return this.moments
      .map((moment, index) => [(moment.time - this.last.time) / 1000, valueAt(index)])
      .filter(([, value]) => value !== undefined);
  }
}
