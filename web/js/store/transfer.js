// SPDX-License-Identifier: Apache-2.0
// Conversations as a file: export, and import that believes nothing. A file may come from anybody, so
// every field is checked and only known ones are taken; a tree that is none is refused.
import {cleanSettings} from '../conversation/settings.js';
import {kRoot, newId} from '../conversation/tree.js';

const kFormat = 'pangu-conversations';
const kVersion = 1;
const kMaxNodes = 100000;
const kStates = ['done', 'stopped', 'failed', 'interrupted'];

/** The text of a file with these conversations. */
export function exportText(conversations, now = new Date()) {
  return JSON.stringify({format: kFormat, version: kVersion, exported: now.toISOString(), conversations}, null, 1);
}

/** A file that cannot be taken: `reason` is a key of the strings, `detail` what was found. */
export class ImportError extends Error {
  constructor(reason, detail = '') {
    super(`${reason}${detail ? `: ${detail}` : ''}`);
    Object.assign(this, {reason, detail});
  }
}

/**
 * The conversations of a file, with new ids where `taken(id)` says that one is in use: what is there is
 * never overwritten. Throws ImportError for a file that is not whole; nothing is taken then.
 */
export function importText(text, taken = () => false) {
  let file;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new ImportError('import.notJson', error.message);
  }
  if (file?.format !== kFormat) throw new ImportError('import.notOurs', `format ${JSON.stringify(file?.format) ?? 'none'}`);
  if (file.version !== kVersion) throw new ImportError('import.version', JSON.stringify(file.version) ?? 'none');
  if (!Array.isArray(file.conversations)) throw new ImportError('import.broken', 'conversations is no list');
  const used = new Set();
  return file.conversations.map((entry, index) => {
    const conversation = readConversation(entry, `conversation ${index + 1}`);
    if (used.has(conversation.id) || taken(conversation.id)) conversation.id = newId();
    used.add(conversation.id);
    return conversation;
  });
}

function text(value, where, otherwise) {
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (typeof value !== 'string') throw new ImportError('import.broken', `${where} is no text`);
  return value;
}

function time(value) {
  return Number.isFinite(value) && value > 0 ? value : Date.now();
}

const isId = (value) => typeof value === 'string' && /^[0-9a-z-]{1,64}$/.test(value);

function readConversation(entry, where) {
  if (!entry || typeof entry !== 'object') throw new ImportError('import.broken', `${where} is no object`);
  if (!isId(entry.id)) throw new ImportError('import.broken', `${where} has no usable id`);
  const nodes = entry.nodes;
  if (!nodes || typeof nodes !== 'object' || Array.isArray(nodes)) throw new ImportError('import.broken', `${where} has no nodes`);
  if (Object.keys(nodes).length > kMaxNodes) throw new ImportError('import.broken', `${where} has more than ${kMaxNodes} nodes`);
  return {
    id: entry.id, title: text(entry.title, `${where}: title`, ''), created: time(entry.created), updated: time(entry.updated),
    settings: cleanSettings(entry.settings), nodes: readTree(nodes, where),
  };
}

// Walks from the root: nodes that it does not reach are none of the tree and are refused, like those
// that are reached twice, so that what comes out has no cycles and nothing was dropped.
function readTree(nodes, where) {
  const tree = Object.create(null);
  const open = [[kRoot, null]];
  while (open.length) {
    const [id, parent] = open.pop();
    if (!isId(id) || !Object.hasOwn(nodes, id)) throw new ImportError('import.broken', `${where}: there is no message ${id}`);
    if (tree[id]) throw new ImportError('import.broken', `${where}: message ${id} has two places`);
    const node = readNode(nodes[id], id, parent, where);
    tree[id] = node;
    for (const child of node.children) open.push([child, id]);
  }
  const lost = Object.keys(nodes).length - Object.keys(tree).length;
  if (lost) throw new ImportError('import.broken', `${where}: ${lost} messages belong to nothing`);
  return {...tree};
}

function readNode(node, id, parent, where) {
  const place = `${where}: message ${id}`;
  const children = node?.children;
  if (!Array.isArray(children)) throw new ImportError('import.broken', `${place} has no list of children`);
  const chosen = children.includes(node.chosen) ? node.chosen : children.at(-1) ?? null;
  if (parent === null) return {id, parent, role: 'root', children: [...children], chosen};
  if (node.role !== 'user' && node.role !== 'assistant') {
    throw new ImportError('import.broken', `${place} has role ${JSON.stringify(node.role)}`);
  }
  const read = {
    id, parent, role: node.role, content: text(node.content, `${place}: content`), created: time(node.created),
    children: [...children], chosen,
  };
  if (node.role === 'assistant') readReply(node, read, place);
  return read;
}

function readReply(node, read, place) {
  read.model = text(node.model, `${place}: model`, '');
  read.state = kStates.includes(node.state) ? node.state : 'interrupted';
  if (node.reasoning !== undefined) read.reasoning = text(node.reasoning, `${place}: reasoning`);
  if (typeof node.finish === 'string') read.finish = node.finish;
  for (const key of ['firstMs', 'thinkingMs', 'totalMs']) if (Number.isFinite(node[key])) read[key] = node[key];
  for (const key of ['usage', 'timings']) if (node[key] && typeof node[key] === 'object') read[key] = numbersOf(node[key]);
  if (node.error && typeof node.error === 'object') {
    read.error = {
      message: String(node.error.message ?? ''), status: Number(node.error.status) || 0,
      type: String(node.error.type ?? ''), retryAfter: null,
    };
  }
}

// Figures, and figures in figures (prompt_tokens_details); anything else is not ours to keep.
function numbersOf(object, depth = 0) {
  const numbers = {};
  for (const [key, value] of Object.entries(object)) {
    if (Number.isFinite(value)) numbers[key] = value;
    else if (depth === 0 && value && typeof value === 'object') numbers[key] = numbersOf(value, 1);
  }
  return numbers;
}
