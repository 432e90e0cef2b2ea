// SPDX-License-Identifier: Apache-2.0
// What can be set for a conversation, and the request that becomes of it. What is not set is not
// sent, so that the server's own defaults hold.

/** The numbers: name, bounds as the server checks them, step of the field. */
export const kNumbers = [
  {name: 'temperature', min: 0, max: 2, step: 0.05},
  {name: 'top_p', min: 0, max: 1, step: 0.01},
  {name: 'top_k', min: 0, max: 1000000, step: 1, integer: true},
  {name: 'min_p', min: 0, max: 1, step: 0.01},
  {name: 'max_tokens', min: 1, max: 10000000, step: 1, integer: true},
  {name: 'seed', min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, integer: true},
];

/** Ways to think; '' is the model's own. */
export const kEfforts = ['', 'none', 'low', 'medium', 'high'];

/** Reads a number's field: {value} (null where it is empty) or {problem: 'number'|'integer'|'range'}. */
export function readNumber({min, max, integer}, text) {
  if (text.trim() === '') return {value: null};
  const value = Number(text);
  if (!Number.isFinite(value)) return {problem: 'number'};
  if (integer && !Number.isSafeInteger(value)) return {problem: 'integer'};
  if (value < min || value > max) return {problem: 'range'};
  return {value};
}

/** Settings with nothing in them but what we know, each in its bounds; the rest is left out. */
export function cleanSettings(settings) {
  const clean = {};
  if (typeof settings?.system === 'string' && settings.system.trim()) clean.system = settings.system;
  for (const number of kNumbers) {
    const value = settings?.[number.name];
    if (typeof value === 'number' && readNumber(number, String(value)).problem === undefined) clean[number.name] = value;
  }
  if (settings?.effort && kEfforts.includes(settings.effort)) clean.effort = settings.effort;
  return clean;
}

/**
 * The body of a chat request: the system prompt, then the messages of `path` (nodes of a tree). Replies
 * that brought nothing are left out; two messages of the user in a row may then follow each other.
 */
export function chatRequest(path, settings, model) {
  const messages = [];
  if (settings.system) messages.push({role: 'system', content: settings.system});
  for (const node of path) {
    if (node.role === 'assistant' && !node.content) continue;
    const message = {role: node.role, content: node.content};
    // The template decides what of it the model sees again.
    if (node.role === 'assistant' && node.reasoning) message.reasoning_content = node.reasoning;
    messages.push(message);
  }
  const body = {model, messages, stream: true, stream_options: {include_usage: true}, reasoning_control: true};
  for (const {name} of kNumbers) if (settings[name] != null) body[name] = settings[name];
  if (settings.effort) body.reasoning_effort = settings.effort;
  return body;
}
