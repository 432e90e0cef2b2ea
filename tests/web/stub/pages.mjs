// SPDX-License-Identifier: Apache-2.0
// Serves the page as the program will: files of web/, libraries staged by cmake, headers of
// web/headers.txt.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, realpathSync, existsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {extname, join, sep} from 'node:path';
import {fileURLToPath} from 'node:url';

export const kTree = fileURLToPath(new URL('../../../', import.meta.url));

const kTypes = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8',
};
// What the build embeds of web/ (cmake/PanguWeb.cmake).
const kEmbedded = new Set(['.html', '.css', '.js', '.svg']);

/** A folder with lib/ in it. `share` replaces /usr/share: a folder without packages gives no libraries. */
export function stageLibraries(share = '/usr/share') {
  const folder = mkdtempSync(join(tmpdir(), 'pangu-web-'));
  execFileSync('cmake', ['-D', `OUT=${folder}`, '-D', `PANGU_SHARE=${share}`, '-P', join(kTree, 'cmake/WebLibraries.cmake')]);
  return folder;
}

export function pageHeaders() {
  const lines = readFileSync(join(kTree, 'web/headers.txt'), 'utf8').split('\n');
  return Object.fromEntries(lines.filter((line) => line && !line.startsWith('#')).map((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  }));
}

/** Answers a GET of a file; false where there is none. */
export function servePage(path, libraries, response) {
  const name = path === '/' ? 'index.html' : decodeURIComponent(path.slice(1));
  const root = name.startsWith('lib/') ? libraries : join(kTree, 'web');
  if (root !== libraries && !kEmbedded.has(extname(name))) return false;
  const file = join(root, name);
  if (!existsSync(file) || !realpathSync(file).startsWith(realpathSync(root) + sep)) return false;
  response.writeHead(200, {...pageHeaders(), 'Content-Type': kTypes[extname(name)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache'});
  response.end(readFileSync(file));
  return true;
}
