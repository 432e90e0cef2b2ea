// SPDX-License-Identifier: Apache-2.0
// What tests of clients share: which server they ask, and what they ask it.
// PANGU_URL is its address, PANGU_MODEL the name of a model, PANGU_KEY a key if it needs one.

export const url = process.env.PANGU_URL ?? 'http://127.0.0.1:8080';
export const model = process.env.PANGU_MODEL ?? 'pangu-nano';
export const key = process.env.PANGU_KEY ?? 'none';

/** Word problems in both languages, as pangu-nano learned to solve; other models just answer. */
export const question =
  'Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does Kate get?';
export const chineseQuestion = '写一个函数，返回x加3后再乘3。';

export const user = (content) => [{ role: 'user', content }];

/** A tool as OpenAI's clients describe it. */
export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', maxLength: 12 },
        days: { type: 'integer', minimum: 1, maximum: 7 },
      },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
};

/** Throws unless `text` is the JSON of arguments that weatherTool takes. */
export function checkWeather(text) {
  const args = JSON.parse(text);
  const keys = Object.keys(args).sort().join();
  if (keys !== 'city,days' || typeof args.city !== 'string' || !Number.isInteger(args.days)) {
    throw new Error(`not arguments of get_weather: ${text}`);
  }
  return args;
}

export async function request(path, body, options = {}) {
  return fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...options.headers },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    signal: options.signal,
  });
}

/** The same, and what JSON comes. */
export async function ask(path, body) {
  return (await request(path, body)).json();
}

/** Tokens that a prompt and its reply may have. */
export async function contextLength() {
  const { data } = await ask('/v1/models');
  return data.find((m) => m.id === model).max_model_len;
}

/** A text of more tokens than the context holds: words, so that it has that many whatever the vocabulary. */
export async function tooLong() {
  return 'many words '.repeat(await contextLength());
}

export async function collected(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** Whole characters alone: no half of a pair, no sign that bytes were lost. */
export function isWhole(text) {
  return text.isWellFormed() && !text.includes('\uFFFD');
}

/** Resolves once `check` holds, or says what it was waiting for. */
export async function eventually(what, check, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** Replies that the server is writing now, over all models. */
export async function repliesRunning() {
  const { models } = await ask('/props');
  return models.reduce((sum, m) => sum + m.running + m.waiting, 0);
}
