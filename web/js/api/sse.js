// SPDX-License-Identifier: Apache-2.0
// Server-sent events out of the bytes of a response, as the HTML standard reads them: any of three
// ends of line, fields over several lines, comments, a byte order mark, and chunks cut anywhere.

/** Takes text in pieces, returns the events that it completes: {event, data}. */
export class EventParser {
  #rest = '';
  #event = '';
  #data = [];
  #started = false;

  push(text) {
    if (!this.#started && text) {
      this.#started = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    this.#rest += text;
    const events = [];
    let begin = 0;
    for (let at = 0; at < this.#rest.length; ++at) {
      const c = this.#rest[at];
      if (c !== '\n' && c !== '\r') continue;
      // Whether a newline follows the return is not known yet.
      if (c === '\r' && at + 1 === this.#rest.length) break;
      this.#line(this.#rest.slice(begin, at), events);
      if (c === '\r' && this.#rest[at + 1] === '\n') ++at;
      begin = at + 1;
    }
    this.#rest = this.#rest.slice(begin);
    return events;
  }

  #line(line, events) {
    if (line === '') {
      if (this.#data.length) events.push({event: this.#event || 'message', data: this.#data.join('\n')});
      this.#event = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;  // a comment keeps the connection alive
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
  }
}

/** The events of a body (ReadableStream of bytes). Ending the loop early cancels the request. */
export async function* eventsOf(body) {
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done) break;
      yield* parser.push(decoder.decode(value, {stream: true}));
    }
    yield* parser.push(decoder.decode());
  } finally {
    reader.cancel().catch(() => {});
  }
}
