// SPDX-License-Identifier: Apache-2.0
// A conversation is a tree: an edited message or another try at a reply is a branch beside the old
// one, and nothing is lost. Every node remembers which of its children is chosen; the messages that
// are shown are those from the root along the chosen ones. Plain data, so that it can be kept as JSON.

export const kRoot = 'root';

/** Random, and short enough for an address. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function createConversation(settings = {}, now = Date.now()) {
  return {
    id: newId(), title: '', created: now, updated: now, settings: {...settings},
    nodes: {[kRoot]: {id: kRoot, parent: null, role: 'root', children: [], chosen: null}},
  };
}

/** Adds a message below `parent` and chooses it. `fields` has role, content and what else belongs to it. */
export function addNode(conversation, parent, fields, now = Date.now()) {
  const above = conversation.nodes[parent];
  if (!above) throw new Error(`no message ${parent} in conversation ${conversation.id}`);
  const node = {content: '', ...fields, id: newId(), parent, created: now, children: [], chosen: null};
  conversation.nodes[node.id] = node;
  above.children.push(node.id);
  above.chosen = node.id;
  conversation.updated = now;
  return node;
}

/** The messages that are shown, from the first to the last. */
export function shownPath(conversation) {
  const path = [];
  for (let id = conversation.nodes[kRoot].chosen; id; id = conversation.nodes[id].chosen) {
    path.push(conversation.nodes[id]);
  }
  return path;
}

/** The messages from the first to this one, whether they are shown or not. */
export function pathTo(conversation, id) {
  const path = [];
  for (let node = conversation.nodes[id]; node.id !== kRoot; node = conversation.nodes[node.parent]) {
    path.unshift(node);
  }
  return path;
}

/** Which of its parent's children a message is, from 0, and how many there are. */
export function branchOf(conversation, id) {
  const {children} = conversation.nodes[conversation.nodes[id].parent];
  return {index: children.indexOf(id), count: children.length};
}

/** Shows the sibling that is `step` further; returns it, or null where there is none. */
export function switchBranch(conversation, id, step) {
  const above = conversation.nodes[conversation.nodes[id].parent];
  const other = above.children[above.children.indexOf(id) + step];
  if (other === undefined) return null;
  above.chosen = other;
  return conversation.nodes[other];
}

/** The last message that is shown, or the root. */
export function shownLeaf(conversation) {
  return shownPath(conversation).at(-1) ?? conversation.nodes[kRoot];
}

/** A title out of the first message: its first line, cut at a word. */
export function titleFrom(text, limit = 60) {
  const line = text.trim().split('\n', 1)[0].replace(/\s+/g, ' ').trim();
  const letters = Array.from(line);
  if (letters.length <= limit) return line;
  const cut = letters.slice(0, limit).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > limit / 2 ? cut.slice(0, space) : cut}…`;
}

/** Replies that a closed page cut off are no longer running. Returns whether there were any. */
export function settleInterrupted(conversation) {
  let found = false;
  for (const node of Object.values(conversation.nodes)) {
    if (node.state === 'waiting' || node.state === 'writing') {
      node.state = 'interrupted';
      found = true;
    }
  }
  return found;
}
