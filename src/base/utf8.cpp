// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include "base/error.h"

namespace pangu::utf8 {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// What stands at text[at]: a whole character, a prefix of one cut off by the end, or neither.
struct Decoded {
  enum Kind { kWhole, kCutOff, kInvalid } kind;
  std::size_t length;
  char32_t code_point;
};

Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  if (lead < 0x80) return {Decoded::kWhole, 1, lead};
  if (lead < 0xC2 || lead > 0xF4) return {Decoded::kInvalid, 1, kReplacement};

  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code_point = lead & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i == text.size()) return {Decoded::kCutOff, i, kReplacement};
    const unsigned next_byte = byte(at + i);
    // The second byte of E0, ED, F0 and F4 has a narrower range: no overlong form, no surrogate,
    // nothing past U+10FFFF.
    const unsigned low = i == 1 && lead == 0xE0 ? 0xA0 : i == 1 && lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = i == 1 && lead == 0xED ? 0x9F : i == 1 && lead == 0xF4 ? 0x8F : 0xBF;
    if (next_byte < low || next_byte > high) return {Decoded::kInvalid, 1, kReplacement};
    code_point = code_point << 6 | (next_byte & 0x3F);
  }
  return {Decoded::kWhole, length, code_point};
}

}  // namespace

std::size_t find_invalid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded d = decode(text, at);
    if (d.kind != Decoded::kWhole) return at;
    at += d.length;
  }
  return npos;
}

void require_valid(std::string_view text, std::string_view what) {
  const std::size_t at = find_invalid(text);
  if (at != npos) {
    fail<InputError>(
        "[text] {} is not valid UTF-8: byte {:#04x} at offset {} of {}. Convert it to UTF-8 first.",
        what, static_cast<unsigned char>(text[at]), at, text.size());
  }
}

std::size_t complete_prefix(std::string_view text) {
  // A character has at most four bytes, so only the last three can begin an unfinished one.
  const std::size_t first = text.size() > 3 ? text.size() - 3 : 0;
  for (std::size_t at = first; at < text.size(); ++at) {
    if (decode(text, at).kind == Decoded::kCutOff) return at;
  }
  return text.size();
}

void append(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  const auto put = [&](char32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

char32_t next(std::string_view text, std::size_t& at) {
  const Decoded d = decode(text, at);
  at += d.kind == Decoded::kWhole ? d.length : 1;
  return d.code_point;
}

std::string sanitized(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next(text, at);
    if (c == kReplacement) {
      append(out, c);
    } else {
      out.append(text.substr(begin, at - begin));
    }
  }
  return out;
}

}  // namespace pangu::utf8
