// SPDX-License-Identifier: Apache-2.0
// A text as a file that the browser saves.
import {h} from './dom.js';

export function saveFile(name, text, type = 'application/json') {
  const url = URL.createObjectURL(new Blob([text], {type}));
  const link = h('a', {href: url, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
