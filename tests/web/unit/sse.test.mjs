// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {EventParser, eventsOf} from '../../../web/js/api/sse.js';

const kStream = '\uFEFF: hello\n\ndata: one\n\nevent: note\ndata: two\r\ndata:three\r\nid: 7\r\n\r\ndata:  kept blank\r\rdata\n\n\ndata: [DONE]\n\n';
const kEvents = [
  {event: 'message', data: 'one'}, {event: 'note', data: 'two\nthree'}, {event: 'message', data: ' kept blank'},
  {event: 'message', data: ''}, {event: 'message', data: '[DONE]'},
];

test('events come out the same however the text is cut', () => {
  for (let size = 1; size <= kStream.length; ++size) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < kStream.length; at += size) events.push(...parser.push(kStream.slice(at, at + size)));
    assert.deepEqual(events, kEvents, `pieces of ${size}`);
  }
});

test('an event that the stream does not end is not one', () => {
  assert.deepEqual(new EventParser().push('data: half\n'), []);
});

test('bytes of one character may come in two chunks', async () => {
  const bytes = new TextEncoder().encode('data: 盘古🙂\n\n');
  for (let cut = 1; cut < bytes.length; ++cut) {
    const body = new ReadableStream({start(controller) {
      controller.enqueue(bytes.slice(0, cut));
      controller.enqueue(bytes.slice(cut));
      controller.close();
    }});
    const events = [];
    for await (const event of eventsOf(body)) events.push(event.data);
    assert.deepEqual(events, ['盘古🙂']);
  }
});

test('leaving the loop cancels the request', async () => {
  let cancelled = false;
  const body = new ReadableStream({
    pull(controller) { controller.enqueue(new TextEncoder().encode('data: x\n\n')); },
    cancel() { cancelled = true; },
  });
  for await (const event of eventsOf(body)) if (event.data === 'x') break;
  assert.ok(cancelled);
});
