// SPDX-License-Identifier: Apache-2.0
// Building elements without HTML: text stays text, whatever is in it.

/**
 * An element with properties and children.
 * @param {string} tag  'div', or 'div.class.class'
 * @param {object} props  `on` holds listeners, `data` the dataset, `aria` attributes aria-*, `attrs`
 *   any attributes; what is left is assigned as properties. Undefined and null values are left out.
 * @param {...(Node|string|number|null|false)} children  null and false are left out
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(' ');
  const {on = {}, data = {}, aria = {}, attrs = {}, ...own} = props ?? {};
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  for (const [key, value] of Object.entries(data)) if (value != null) element.dataset[key] = value;
  for (const [key, value] of Object.entries(aria)) if (value != null) element.setAttribute(`aria-${key}`, value);
  for (const [key, value] of Object.entries(attrs)) if (value != null) element.setAttribute(key, value);
  for (const [key, value] of Object.entries(own)) if (value != null) element[key] = value;
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const kSvg = 'http://www.w3.org/2000/svg';

/** An SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(kSvg, tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/**
 * Makes the children of `parent` those given, in order, moving no more than it must: what stays in
 * place keeps focus, selection and scroll position.
 */
export function setChildren(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  let next = parent.firstChild;
  for (const child of wanted) {
    if (child === next) {
      next = next.nextSibling;
    } else {
      parent.insertBefore(child, next);
    }
  }
}

/** The element with this id; a page without it is broken, and says so. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}
