// SPDX-License-Identifier: Apache-2.0
// The one way by which a library's HTML becomes elements of the page: DOMPurify with a short list of
// what may be in it. There is no other use of HTML in these scripts, and the policy of trusted types
// that the server sends makes any other one fail.

const kTags = [
  'a', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'img', 'li', 'ol', 'p',
  'pre', 's', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
];
// No id and no name: they would shadow properties of the document. No style.
const kAttributes = ['href', 'src', 'alt', 'title', 'class', 'start'];
const kUris = /^(?:https?:|mailto:|data:image\/(?:png|jpeg|gif|webp);base64,)/i;

/** A fragment of harmless elements. */
export function sanitize(purify, html) {
  const fragment = purify.sanitize(html, {
    ALLOWED_TAGS: kTags, ALLOWED_ATTR: kAttributes, ALLOWED_URI_REGEXP: kUris,
    ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false, RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll('a')) secureLink(link);
  for (const image of fragment.querySelectorAll('img')) secureImage(image);
  return fragment;
}

// A link leaves the page by a click only, in a new tab that knows nothing of this one.
function secureLink(link) {
  const href = link.getAttribute('href');
  if (!href || !/^(?:https?|mailto):/i.test(href)) {
    link.replaceWith(...link.childNodes);
    return;
  }
  link.rel = 'noopener noreferrer nofollow';
  link.target = '_blank';
  link.referrerPolicy = 'no-referrer';
  if (!link.title) link.title = href;
}

// An image from elsewhere would tell that it was looked at: it becomes a link. Those in the text itself
// are shown.
function secureImage(image) {
  const source = image.getAttribute('src') ?? '';
  if (source.startsWith('data:image/')) return;
  const label = image.alt || source;
  if (!/^https?:/i.test(source)) {
    image.replaceWith(label);
    return;
  }
  const link = document.createElement('a');
  link.href = source;
  link.className = 'image-link';
  link.textContent = label;
  secureLink(link);
  image.replaceWith(link);
}
