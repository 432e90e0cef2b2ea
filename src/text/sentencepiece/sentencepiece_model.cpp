// SPDX-License-Identifier: Apache-2.0
#include "text/sentencepiece/sentencepiece_model.h"

#include <cmath>
#include <cstring>
#include <functional>

#include "base/error.h"
#include "base/utf8.h"
#include "text/sentencepiece/sentencepiece_charsmap.h"
#include "text/tokenizer/tokenizer_vocabulary.h"

namespace pangu::text {
namespace {

constexpr std::size_t kMaxPieceBytes = 4096;
// The largest in use have 5 million bytes.
constexpr std::size_t kMaxModelBytes = 256 << 20;

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  std::uint32_t number;
  WireType wire;
  std::uint64_t value;     ///< of varints and fixed widths
  std::string_view bytes;  ///< of strings and messages
  std::string_view whole;  ///< tag included
};

[[noreturn]] void damaged(const std::string& file, std::string_view what) {
  fail<FileError>(
      "[sentencepiece] {} is not a complete SentencePiece model: {}. Is it damaged or a "
      "partial download? Fetch it again.",
      file, what);
}

/// Walks the fields of one message.
class Fields {
 public:
  Fields(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  bool next(Field& field) {
    if (at_ == bytes_.size()) return false;
    const std::size_t begin = at_;
    const std::uint64_t tag = varint();
    field = {static_cast<std::uint32_t>(tag >> 3), static_cast<WireType>(tag & 7), 0, {}, {}};
    if (tag >> 3 == 0 || tag >> 32 != 0) damaged(file_, "a field has no valid number");
    switch (field.wire) {
      case kVarint:
        field.value = varint();
        break;
      case kFixed64:
        std::memcpy(&field.value, take(8).data(), 8);
        break;
      case kFixed32:
        std::memcpy(&field.value, take(4).data(), 4);
        break;
      case kBytes:
        field.bytes = take(varint());
        break;
      default:
        damaged(file_, fmt::format("field {} has wire type {}", field.number, tag & 7));
    }
    field.whole = bytes_.substr(begin, at_ - begin);
    return true;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      damaged(file_,
              fmt::format("a field takes {} bytes where {} are left", size, bytes_.size() - at_));
    }
    const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += taken.size();
    return taken;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    damaged(file_, "a number has more than 64 bits");
  }

  std::string_view bytes_;
  const std::string& file_;
  std::size_t at_ = 0;
};

SentencePieceModel::Piece read_piece(std::string_view bytes, std::size_t id,
                                     const std::string& file) {
  SentencePieceModel::Piece piece;
  Fields fields(bytes, file);
  for (Field field; fields.next(field);) {
    if (field.number == 1 && field.wire == kBytes) piece.text = field.bytes;
    if (field.number == 2 && field.wire == kFixed32) {
      const auto bits = static_cast<std::uint32_t>(field.value);
      std::memcpy(&piece.score, &bits, sizeof bits);
    }
    if (field.number == 3 && field.wire == kVarint) {
      if (field.value < 1 || field.value > 6) {
        damaged(file, fmt::format("piece {} has type {}, not 1 to 6", id, field.value));
      }
      piece.type = static_cast<SentencePieceModel::Type>(field.value);
    }
  }
  if (piece.text.empty() || piece.text.size() > kMaxPieceBytes ||
      piece.text.find('\0') != std::string_view::npos ||
      utf8::find_invalid(piece.text) != utf8::npos || !std::isfinite(piece.score)) {
    damaged(file, fmt::format("piece {} has {} bytes and score {}; 1 to {} bytes of UTF-8 and a "
                              "finite score were expected",
                              id, piece.text.size(), piece.score, kMaxPieceBytes));
  }
  return piece;
}

void read_trainer_spec(std::string_view bytes, const std::string& file, SentencePieceModel& model) {
  Fields fields(bytes, file);
  for (Field field; fields.next(field);) {
    if (field.number == 3 && field.wire == kVarint) {
      if (field.value != 1 && field.value != 2) {
        fail<Unsupported>(
            "[sentencepiece] {} has model type {}; unigram (1) and BPE (2) are "
            "supported.",
            file, field.value);
      }
      model.is_unigram = field.value == 1;
    }
    if (field.number == 24 && field.value != 0) {
      fail<Unsupported>(
          "[sentencepiece] {} puts spaces at the end of words "
          "(treat_whitespace_as_suffix), which is not supported.",
          file);
    }
    if (field.number == 44 && field.wire == kBytes) model.unk_surface = field.bytes;
  }
}

void read_normalizer_spec(std::string_view bytes, const std::string& file,
                          SentencePieceModel& model) {
  Fields fields(bytes, file);
  for (Field field; fields.next(field);) {
    if (field.number == 2) {
      check_charsmap(field.bytes, file);
      model.charsmap = field.bytes;
    }
    if (field.number == 3) model.add_dummy_prefix = field.value != 0;
    if (field.number == 4) model.remove_extra_whitespaces = field.value != 0;
    if (field.number == 5 && field.value == 0) {
      fail<Unsupported>(
          "[sentencepiece] {} keeps spaces as they are (escape_whitespaces is off), "
          "which is not supported.",
          file);
    }
  }
}

void refuse_denormalizer(std::string_view bytes, const std::string& file) {
  Fields fields(bytes, file);
  for (Field field; fields.next(field);) {
    if (field.number == 2 && !field.bytes.empty()) {
      fail<Unsupported>(
          "[sentencepiece] {} rewrites decoded text (denormalizer_spec), which is not "
          "supported.",
          file);
    }
  }
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void put_number(std::string& out, std::uint32_t number, std::uint64_t value) {
  put_varint(out, number << 3 | kVarint);
  put_varint(out, value);
}

void put_bytes(std::string& out, std::uint32_t number, std::string_view bytes) {
  put_varint(out, number << 3 | kBytes);
  put_varint(out, bytes.size());
  out += bytes;
}

constexpr std::uint32_t kPieces = 1, kTrainerSpec = 2, kNormalizerSpec = 3, kSelfTest = 4,
                        kDenormalizerSpec = 5;

}  // namespace

SentencePieceModel SentencePieceModel::parse(std::string_view bytes, const std::string& file) {
  if (bytes.size() > kMaxModelBytes) {
    fail<FileError>("[sentencepiece] {} has {} bytes; at most {} are read. Is this the right file?",
                    file, bytes.size(), kMaxModelBytes);
  }
  SentencePieceModel model;
  Fields fields(bytes, file);
  for (Field field; fields.next(field);) {
    if (field.number <= kDenormalizerSpec && field.wire != kBytes) {
      damaged(file, fmt::format("field {} is a number, not a message", field.number));
    }
    if (field.number == kPieces) {
      if (model.pieces.size() == static_cast<std::size_t>(Vocabulary::kMaxTokens)) {
        damaged(file, fmt::format("it has more than {} pieces", Vocabulary::kMaxTokens));
      }
      model.pieces.push_back(read_piece(field.bytes, model.pieces.size(), file));
      continue;
    }
    if (field.number == kTrainerSpec) read_trainer_spec(field.bytes, file, model);
    if (field.number == kNormalizerSpec) read_normalizer_spec(field.bytes, file, model);
    if (field.number == kDenormalizerSpec) refuse_denormalizer(field.bytes, file);
    // The self-test belongs to the pieces as they were; their types may change.
    if (field.number != kSelfTest) model.specs += field.whole;
  }
  if (model.pieces.empty()) damaged(file, "it has no pieces");
  return model;
}

void SentencePieceModel::set_bpe_specs(bool byte_fallback) {
  is_unigram = false;
  std::string trainer;
  put_number(trainer, 3, 2);
  put_number(trainer, 35, byte_fallback ? 1 : 0);
  std::string normalizer;
  put_bytes(normalizer, 1, charsmap.empty() ? "identity" : "user_defined");
  put_bytes(normalizer, 2, charsmap);
  put_number(normalizer, 3, add_dummy_prefix ? 1 : 0);
  put_number(normalizer, 4, remove_extra_whitespaces ? 1 : 0);
  specs.clear();
  put_bytes(specs, kTrainerSpec, trainer);
  put_bytes(specs, kNormalizerSpec, normalizer);
}

void SentencePieceModel::set_add_dummy_prefix(bool value) {
  // A message that appears again is merged into the first: the last value of a field counts.
  add_dummy_prefix = value;
  std::string normalizer;
  put_number(normalizer, 3, value ? 1 : 0);
  put_bytes(specs, kNormalizerSpec, normalizer);
}

std::string SentencePieceModel::serialize() const {
  std::string out;
  std::string message;
  for (const Piece& piece : pieces) {
    message.clear();
    put_bytes(message, 1, piece.text);
    put_varint(message, 2 << 3 | kFixed32);
    char score[sizeof piece.score];
    std::memcpy(score, &piece.score, sizeof score);
    message.append(score, sizeof score);
    put_number(message, 3, static_cast<std::uint64_t>(piece.type));
    put_bytes(out, kPieces, message);
  }
  return out + specs;
}

}  // namespace pangu::text
