// SPDX-License-Identifier: Apache-2.0
#include "text/sentencepiece/sentencepiece_charsmap.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"

namespace pangu::text {
namespace {

// The longest replacement in Unicode's own mappings has 54 bytes.
constexpr std::size_t kMaxCharsmapTargetBytes = 256;

[[noreturn]] void broken(const std::string& file, std::string_view what) {
  fail<FileError>(
      "[sentencepiece] {}: the character map is broken: {}. Is the file damaged? Fetch it "
      "again.",
      file, what);
}

/// One unit of the trie: a label of 8 bits, a flag for "a key ends here", an offset to the
/// children.
struct Unit {
  std::uint32_t bits;

  bool has_leaf() const { return (bits >> 8 & 1) != 0; }
  std::uint32_t value() const { return bits & 0x7FFFFFFF; }
  std::uint32_t label() const { return bits & 0x800000FF; }
  std::uint32_t offset() const { return (bits >> 10) << ((bits & 1u << 9) >> 6); }
};

void check_replacement(std::string_view strings, std::uint32_t value, const std::string& file) {
  if (value >= strings.size()) broken(file, "a value lies past the replacements");
  const std::string_view tail = strings.substr(value, kMaxCharsmapTargetBytes + 1);
  const std::size_t end = tail.find('\0');
  if (end == std::string_view::npos) {
    broken(file,
           fmt::format("a replacement does not end within {} bytes", kMaxCharsmapTargetBytes));
  }
  if (utf8::find_invalid(tail.substr(0, end)) != utf8::npos) {
    broken(file, "a replacement is not UTF-8");
  }
}

}  // namespace

void check_charsmap(std::string_view map, const std::string& file) {
  if (map.empty()) return;
  std::uint32_t trie_bytes = 0;
  if (map.size() <= sizeof trie_bytes) broken(file, "it is shorter than its header");
  std::memcpy(&trie_bytes, map.data(), sizeof trie_bytes);
  map.remove_prefix(sizeof trie_bytes);
  if (trie_bytes >= map.size() || trie_bytes < 4 || trie_bytes % 4 != 0) {
    broken(file, "its size does not fit");
  }
  std::vector<Unit> units(trie_bytes / 4);
  std::memcpy(units.data(), map.data(), trie_bytes);
  const std::string_view strings = map.substr(trie_bytes);

  // States are named by the base their children are found at: child of byte c = base ^ c.
  std::vector<bool> seen(units.size(), false);
  std::vector<std::uint32_t> open{units[0].offset()};
  const auto in_range = [&](std::uint32_t base) { return (base | 0xFF) < units.size(); };
  if (!in_range(open[0])) broken(file, "its root points outside");
  seen[open[0]] = true;
  while (!open.empty()) {
    const std::uint32_t base = open.back();
    open.pop_back();
    for (std::uint32_t c = 0; c < 256; ++c) {
      const std::uint32_t at = base ^ c;
      const Unit unit = units[at];
      if (unit.label() != c) continue;
      const std::uint32_t next = at ^ unit.offset();
      if (!in_range(next)) broken(file, "a state points outside");
      if (unit.has_leaf()) check_replacement(strings, units[next].value(), file);
      if (!seen[next]) {
        seen[next] = true;
        open.push_back(next);
      }
    }
  }
}

}  // namespace pangu::text
