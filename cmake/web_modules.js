// Finds and runs the modules of `files` (cmake/WebLibraries.cmake), as Node's require() does.
const loaded = {};
const find = (name) => ['', '.js', '.json', '/index.js'].map((end) => name + end).find((path) => Object.hasOwn(files, path));
function resolve(from, wanted) {
  if (!wanted.startsWith('.')) return find(`node_modules/${wanted}`);
  const parts = from.split('/').slice(0, -1);
  for (const part of wanted.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return find(parts.join('/'));
}
// Names of hosts stay as they were written: browsers encode them when a link is followed.
const punycode = {toASCII: (host) => host, toUnicode: (host) => host};
function load(path) {
  if (loaded[path]) return loaded[path].exports;
  const module = loaded[path] = {exports: {}};
  files[path].call(module.exports, module, module.exports, (wanted) => {
    if (wanted === 'punycode') return punycode;
    const found = resolve(path, wanted);
    if (!found) throw new Error(`${path} needs ${wanted}, which is not here`);
    return load(found);
  });
  return module.exports;
}
