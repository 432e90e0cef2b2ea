// SPDX-License-Identifier: Apache-2.0
// The figures of a reply out of the server's `usage` and `timings`: those that it gave, and no others.

/**
 * {tokens, rate (tokens/s), prompt, cached (prompt tokens out of the cache), firstMs, accepted (share of
 * guessed tokens that were right), context (tokens in use)}; undefined for what is not known.
 */
export function replyNumbers(node) {
  const usage = node.usage ?? {};
  const timings = node.timings ?? {};
  const tokens = usage.completion_tokens ?? timings.predicted_n;
  const cached = usage.prompt_tokens_details?.cached_tokens ?? timings.cache_n;
  // timings.prompt_n leaves out what came from the cache.
  const prompt = usage.prompt_tokens ?? (timings.prompt_n === undefined ? undefined : timings.prompt_n + (timings.cache_n ?? 0));
  return {
    tokens, prompt, cached,
    rate: timings.predicted_per_second ?? rateByClock(node, tokens),
    firstMs: node.firstMs,
    accepted: timings.draft_n > 0 ? timings.draft_n_accepted / timings.draft_n : undefined,
    context: usage.total_tokens ?? (prompt !== undefined && tokens !== undefined ? prompt + tokens : undefined),
  };
}

// The first token came with the prompt: the others took the time after it. Too few or too quick to tell
// anything give none.
function rateByClock(node, tokens) {
  const ms = node.totalMs - node.firstMs;
  return tokens > 1 && ms > 50 ? (tokens - 1) / (ms / 1000) : undefined;
}
