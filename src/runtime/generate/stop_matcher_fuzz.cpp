// SPDX-License-Identifier: Apache-2.0
// Input: stop strings ended by 0x01 each, a 0x02, then text in pieces ended by 0x01 each.
// However the text is cut, the outcome must be that of the whole text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/error.h"
#include "runtime/generate/stop_matcher.h"

namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t end; (end = text.find('\x01')) != text.npos; text.remove_prefix(end + 1)) {
    parts.emplace_back(text.substr(0, end));
  }
  if (!text.empty()) parts.emplace_back(text);
  return parts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t border = input.find('\x02');
  if (border == input.npos) return 0;
  try {
    const auto stops = split(input.substr(0, border));
    pangu::StopMatcher in_pieces(stops), at_once(stops);
    std::string text, emitted;
    for (const std::string& piece : split(input.substr(border + 1))) {
      emitted += in_pieces.feed(piece).emit;
      text += piece;
    }
    emitted += in_pieces.flush();
    const std::string want = at_once.feed(text).emit + at_once.flush();
    if (emitted != want || in_pieces.matched() != at_once.matched()) std::abort();
    if (emitted + std::string(at_once.matched()) !=
        text.substr(0, want.size() + at_once.matched().size())) {
      std::abort();
    }
  } catch (const pangu::Error&) {
  }
  return 0;
}
