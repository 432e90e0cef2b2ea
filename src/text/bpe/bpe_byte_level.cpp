// SPDX-License-Identifier: Apache-2.0
#include "text/bpe/bpe_byte_level.h"

#include <array>

#include "base/utf8.h"

namespace pangu::text {
namespace {

constexpr char32_t kFirstShifted = 0x100;
constexpr char32_t kEnd = kFirstShifted + 68;

struct Alphabet {
  std::array<std::string, 256> characters;
  std::array<int, kEnd> bytes;  ///< of each code point, or -1
};

constexpr bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

const Alphabet& alphabet() {
  static const Alphabet the = [] {
    Alphabet a;
    a.bytes.fill(-1);
    char32_t shifted = kFirstShifted;
    for (int byte = 0; byte < 256; ++byte) {
      const char32_t c = stands_for_itself(byte) ? static_cast<char32_t>(byte) : shifted++;
      utf8::append(a.characters[byte], c);
      a.bytes[c] = byte;
    }
    return a;
  }();
  return the;
}

}  // namespace

void append_byte_level(std::string& out, std::string_view bytes) {
  for (const char c : bytes) out += alphabet().characters[static_cast<unsigned char>(c)];
}

std::string from_byte_level(std::string_view piece) {
  std::string bytes;
  for (std::size_t at = 0; at < piece.size();) {
    const char32_t c = utf8::next(piece, at);
    if (c >= kEnd || alphabet().bytes[c] < 0) return std::string(piece);
    bytes += static_cast<char>(alphabet().bytes[c]);
  }
  return bytes;
}

}  // namespace pangu::text
