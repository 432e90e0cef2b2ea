// SPDX-License-Identifier: Apache-2.0
// One request to /v1/chat/completions, as a sequence of what it brings.
import {ApiError, request} from './client.js';
import {eventsOf} from './sse.js';

/** What a chunk, or a whole answer, holds for us; fields that are absent stay undefined. */
export function partOf(chunk) {
  if (chunk.error) {
    const {message, type, code} = typeof chunk.error === 'string' ? {message: chunk.error} : chunk.error;
    throw new ApiError(message ?? '', {status: typeof code === 'number' ? code : 500, type, code});
  }
  const choice = chunk.choices?.[0];
  const said = choice?.delta ?? choice?.message ?? {};
  return {
    id: chunk.id,
    content: said.content || undefined,
    reasoning: said.reasoning_content || said.reasoning || undefined,
    finish: choice?.finish_reason || undefined,
    usage: chunk.usage || undefined,
    timings: chunk.timings || undefined,
  };
}

/**
 * Parts of the reply as they come. Throws ApiError for what the server refuses, before the stream or
 * in it, and for a stream that breaks off; AbortError when `signal` ends it.
 */
export async function* streamChat(body, signal) {
  const response = await request('v1/chat/completions', {
    method: 'POST', body, signal, accept: 'text/event-stream, application/json',
  });
  if ((response.headers.get('Content-Type') ?? '').includes('application/json')) {
    yield partOf(await response.json());
    return;
  }
  let finished = false;
  try {
    for await (const event of eventsOf(response.body)) {
      if (event.data === '[DONE]') return;
      const part = partOf(parse(event.data));
      finished ||= part.finish !== undefined;
      yield part;
    }
  } catch (error) {
    if (error.name === 'AbortError' || error instanceof ApiError) throw error;
    throw new ApiError('', {status: 0, type: 'broken_stream'});  // the connection went away
  }
  if (!finished) throw new ApiError('', {status: 0, type: 'broken_stream'});
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    throw new ApiError(`an event of the stream is not JSON: ${data.slice(0, 200)}`, {status: 500});
  }
}

/** Asks the server to end the thinking of a running request, so that the answer begins. */
export async function endThinking(id, model) {
  await request('v1/chat/completions/control', {
    method: 'POST', body: {id, model, action: 'reasoning_end'},
  });
}
