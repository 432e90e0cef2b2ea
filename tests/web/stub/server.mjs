// SPDX-License-Identifier: Apache-2.0
// A server that speaks as much of the program's interface as the page uses, without a model. No
// dependencies. For work on the page, it serves web/ as it lies on the disk:
//
//   node tests/web/stub/server.mjs [PORT]                            answers itself
//   node tests/web/stub/server.mjs PORT http://127.0.0.1:8080/       has `pangu serve` there answer
import {createServer, request as ask} from 'node:http';
import {setTimeout as pause} from 'node:timers/promises';
import {metricsText, props} from './figures.mjs';
import {servePage, stageLibraries} from './pages.mjs';
import {replyTo} from './replies.mjs';

const kMessages = {
  400: 'messages[0].content: 5200 tokens do not fit into a context of 4096', 401: 'no such API key', 413: 'the body is larger than 16777216 bytes',
  429: 'the queue is full: 64 requests wait', 500: 'something failed', 503: 'Loading model',
};

class Stub {
  served = 0;
  /** What chat requests said, for tests. */
  requests = [];
  aborted = 0;
  endedThinking = new Set();

  /** @param {object} options  share: see stageLibraries(); apiKey: what requests must show; loading: whether
   *   it answers 503 until `loading` is set to false; behind: the server that answers instead; models */
  constructor({share, apiKey = '', behind = '', loading = false, models = ['pangu-1b', 'pangu-nano', 'pangu-1b:auto']} = {}) {
    Object.assign(this, {apiKey, behind, models, loading, libraries: stageLibraries(share)});
    this.server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => {
        if (!response.headersSent) this.#error(response, 500, error.message);
        else response.destroy();
      });
    });
  }

  async listen(port = 0) {
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}/`;
    return this;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  #forward(request, response) {
    const target = new URL(request.url, this.behind);
    const {origin, ...headers} = request.headers;  // that of this server is another one's there
    const onward = ask(target, {method: request.method, headers: {...headers, host: target.host}}, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => (response.headersSent ? response.destroy() : this.#error(response, 502, error.message)));
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  #json(response, status, body, headers = {}) {
    response.writeHead(status, {'Content-Type': 'application/json', ...headers});
    response.end(JSON.stringify(body));
  }

  #error(response, status, message = kMessages[status] ?? `status ${status}`) {
    this.#json(response, status, {error: {message, type: status === 401 ? 'authentication_error' : 'invalid_request_error', param: null, code: status}},
      status === 429 ? {'Retry-After': '7'} : {});
  }

  async #answer(request, response) {
    const {pathname} = new URL(request.url, 'http://stub');
    if (request.method === 'GET' && servePage(pathname, this.libraries, response)) return;
    if (this.behind) return this.#forward(request, response);
    if (this.apiKey && request.headers.authorization !== `Bearer ${this.apiKey}`) return this.#error(response, 401);
    if (this.loading) return this.#error(response, 503);
    const routes = {
      'GET /v1/models': () => this.#json(response, 200, {object: 'list', data: this.models.map((id) => ({id, object: 'model', created: 1, owned_by: 'pangu', meta: {n_ctx: 32768}}))}),
      'GET /props': () => this.#json(response, 200, props()),
      'GET /metrics': () => { response.writeHead(200, {'Content-Type': 'text/plain; version=0.0.4'}); response.end(metricsText(this.served)); },
      'POST /v1/chat/completions': async () => this.#chat(await bodyOf(request), response),
      'POST /v1/chat/completions/control': async () => { this.endedThinking.add((await bodyOf(request)).id); this.#json(response, 200, {success: true}); },
    };
    const route = routes[`${request.method} ${pathname}`];
    if (!route) return this.#error(response, 404, `there is no ${request.method} ${pathname}`);
    await route();
  }

  async #chat(body, response) {
    this.requests.push(body);
    const reply = replyTo(body.messages);
    if (reply.status) return this.#error(response, reply.status);
    const id = `chatcmpl-${this.requests.length}`;
    const stream = new ChunkStream(response, {id, object: 'chat.completion.chunk', created: 1, model: body.model});
    response.on('close', () => { if (!response.writableEnded) ++this.aborted; });
    stream.choice({role: 'assistant', content: ''});
    const begin = Date.now();
    let written = 0;
    for (const [field, text] of [['reasoning_content', reply.reasoning ?? ''], ['content', reply.content]]) {
      for (const piece of text.match(/\s*\S+\s*/gu) ?? []) {
        if (response.destroyed) return;
        if (field === 'reasoning_content' && this.endedThinking.has(id)) break;
        stream.choice({[field]: piece});
        ++written;
        if (reply.pause) await pause(reply.pause);
      }
    }
    this.served += written;
    if (reply.end === 'destroy') return response.destroy();
    if (reply.end === 'error') stream.send({error: {message: 'the weights were removed while the reply was written', type: 'server_error', code: 500}});
    else this.#finish(stream, body, reply, written, Date.now() - begin);
    response.end();
  }

  #finish(stream, body, reply, written, ms) {
    const prompt = Math.ceil(JSON.stringify(body.messages).length / 4);
    const cached = body.messages.length > 1 ? Math.floor(prompt * 0.8) : 0;
    stream.choice({}, reply.finish ?? 'stop');
    stream.send({...stream.frame, choices: [], usage: {
      prompt_tokens: prompt, completion_tokens: written, total_tokens: prompt + written, prompt_tokens_details: {cached_tokens: cached}},
    timings: {cache_n: cached, prompt_n: prompt - cached, predicted_n: written, predicted_ms: ms, predicted_per_second: written / Math.max(ms / 1000, 0.001), draft_n: 60, draft_n_accepted: 33}});
    stream.done();
  }
}

class ChunkStream {
  constructor(response, frame) {
    Object.assign(this, {response, frame});
    response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache'});
    response.write(': a comment\n\n');
  }
  choice(delta, finish = null) {
    this.send({...this.frame, choices: [{index: 0, delta, finish_reason: finish}]});
  }
  send(chunk) {
    this.response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }
  done() {
    this.response.write('data: [DONE]\n\n');
  }
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString('utf8'));
}

export const startStub = (options) => new Stub(options).listen(options?.port);

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const {url} = await startStub({port: Number(process.argv[2] ?? 0), behind: process.argv[3], apiKey: process.env.PANGU_STUB_KEY ?? ''});
  console.log(url);
}
