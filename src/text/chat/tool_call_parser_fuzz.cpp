// SPDX-License-Identifier: Apache-2.0
// Input: a byte that chooses the family and how markers come, then a reply in pieces ended by 0x01
// each. However it is cut, text and calls must be the same, and what no call is written with must
// be in one of them.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/chat/tool_call_parser.h"

namespace {

using pangu::ToolCallFormat;

struct Reply {
  std::string text;
  std::vector<pangu::ToolCall> calls;
  bool operator==(const Reply&) const = default;
};

void add(Reply& reply, const pangu::ToolCallParts& parts) {
  reply.text += parts.text;
  for (const pangu::ToolCallDelta& delta : parts.calls) {
    if (delta.index > std::ssize(reply.calls)) std::abort();
    pangu::add_delta(reply.calls, delta);
  }
}

/// Where markers are tokens, 0x02 is the opening one and 0x03 the closing one.
Reply parsed(const ToolCallFormat& format, std::string_view bytes, bool in_pieces) {
  pangu::ToolCallParser parser(format, 1);
  Reply reply;
  std::string piece;
  const auto pass_on = [&] { add(reply, parser.take(std::exchange(piece, {}))); };
  for (const char c : bytes) {
    const bool begins = c == '\x02' && format.begin_id;
    const bool ends = c == '\x03' && format.end_id;
    if (begins || ends || (in_pieces && c == '\x01')) pass_on();
    if (begins || ends) {
      add(reply, parser.turn(begins ? *format.begin_id : *format.end_id));
    } else if (c != '\x01') {
      piece += c;
    }
  }
  pass_on();
  add(reply, parser.flush());
  return reply;
}

/// How often bytes occur that neither markers nor keys nor JSON have.
std::array<int, 256> counted(std::string_view text) {
  constexpr std::string_view kMarkup =
      "abcdefghijklmnopqrstuvwxyz_|<>/[]{}\",:; \t\r\n\\0123456789ABCDEFN";
  std::array<int, 256> n{};
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || kMarkup.find(c) != kMarkup.npos) continue;
    ++n[static_cast<unsigned char>(c)];
  }
  return n;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto formats = pangu::known_tool_call_formats();
  ToolCallFormat format = formats[data[0] / 2 % formats.size()];
  if (data[0] % 2 == 0) {
    format.begin_id = 1;
    if (!format.end.empty()) format.end_id = 2;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Reply reply = parsed(format, bytes, true);
  if (reply != parsed(format, bytes, false)) std::abort();
  std::string kept = reply.text;
  for (const pangu::ToolCall& call : reply.calls) {
    if (call.name.empty() || call.id.empty()) std::abort();
    kept += call.name + call.arguments;
  }
  // A string with escapes may spell what is left out here: "X".
  if (bytes.find('\\') != bytes.npos) return 0;
  if (counted(kept) != counted(bytes)) std::abort();
  return 0;
}
