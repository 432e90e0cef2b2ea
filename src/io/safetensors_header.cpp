// SPDX-License-Identifier: Apache-2.0
// The header has a fixed form, {name: {"dtype": text, "shape": [n...], "data_offsets": [b, e]}} and
// {"__metadata__": {text: text}}, or null for the latter, so a state machine over the parser's
// events reads it in one pass and nesting cannot grow.
#include "io/safetensors_header.h"

#include <limits>
#include <unordered_set>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"
#include "tensor/dtype.h"

namespace pangu {
namespace {

class HeaderReader {
 public:
  HeaderReader(std::string_view file, SafetensorsHeader& header) : file_(file), header_(header) {}

  bool null() {
    // Writers whose metadata is absent say so; the format's own reader takes it for none.
    if (state_ != State::kMetadataStart) unexpected("null");
    state_ = State::kNames;
    return true;
  }
  bool boolean(bool) { unexpected("a boolean"); }
  bool number_float(double, const std::string& text) { unexpected(clipped(text)); }
  bool binary(Json::binary_t&) { unexpected("binary data"); }

  bool number_integer(std::int64_t value) {
    // The parser reports only negative numbers here.
    if (state_ == State::kShape || state_ == State::kOffsets) {
      fail<FileError>(
          "[safetensors] {}: tensor '{}' has {} in its {}; sizes and offsets cannot be "
          "negative. The file is damaged: fetch it again.",
          file_, name(), value, key_);
    }
    unexpected(std::to_string(value));
  }

  bool number_unsigned(std::uint64_t value) {
    if (state_ == State::kShape) {
      add_size(value);
    } else if (state_ == State::kOffsets) {
      add_offset(value);
    } else {
      unexpected(std::to_string(value));
    }
    return true;
  }

  bool string(std::string& text) {
    if (state_ == State::kDtype) {
      set_dtype(text);
    } else if (state_ == State::kMetadataValue) {
      header_.metadata.emplace(std::move(key_), std::move(text));
      state_ = State::kMetadata;
    } else {
      unexpected("\"" + clipped(text) + "\"");
    }
    return true;
  }

  bool start_object(std::size_t) {
    switch (state_) {
      case State::kStart:
        state_ = State::kNames;
        return true;
      case State::kEntryStart:
        seen_ = 0;
        state_ = State::kEntry;
        return true;
      case State::kMetadataStart:
        state_ = State::kMetadata;
        return true;
      default:
        unexpected("an object");
    }
  }

  bool key(std::string& text) {
    switch (state_) {
      case State::kNames:
        start_name(text);
        return true;
      case State::kEntry:
        start_field(text);
        return true;
      default:  // kMetadata; nowhere else is an object open
        if (header_.metadata.contains(text)) {
          fail<FileError>(
              "[safetensors] {}: the key '{}' appears twice in __metadata__. The file "
              "is damaged: fetch it again.",
              file_, clipped(text));
        }
        key_ = std::move(text);
        state_ = State::kMetadataValue;
        return true;
    }
  }

  bool end_object() {
    if (state_ == State::kEntry && seen_ != kAllFields) {
      fail<FileError>(
          "[safetensors] {}: tensor '{}' lacks {}. Each needs dtype, shape and "
          "data_offsets. The file is damaged: fetch it again.",
          file_, name(), missing_fields());
    }
    // Closing the outermost object leaves the state at kNames; the parser refuses what follows it.
    state_ = State::kNames;
    return true;
  }

  bool start_array(std::size_t) {
    if (state_ == State::kShapeStart) {
      state_ = State::kShape;
    } else if (state_ == State::kOffsetsStart) {
      n_offsets_ = 0;
      state_ = State::kOffsets;
    } else {
      unexpected("an array");
    }
    return true;
  }

  bool end_array() {
    if (state_ == State::kOffsets && n_offsets_ != 2) bad_offset_count();
    state_ = State::kEntry;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception& error) {
    fail<FileError>(
        "[safetensors] {}: the header is not valid JSON at its byte {}: {}. Is this a "
        "safetensors file? If so it is damaged: fetch it again.",
        file_, position, reason_of(error));
  }

 private:
  /// What may come next.
  enum class State {
    kStart,
    kNames,
    kEntryStart,
    kEntry,
    kDtype,
    kShapeStart,
    kShape,
    kOffsetsStart,
    kOffsets,
    kMetadataStart,
    kMetadata,
    kMetadataValue
  };
  enum Field : unsigned { kDtypeField = 1, kShapeField = 2, kOffsetsField = 4, kAllFields = 7 };

  SafetensorsRecord& record() { return header_.records.back(); }
  std::string name() { return clipped(record().name); }

  /// Where the reader stands, for messages.
  std::string place() {
    switch (state_) {
      case State::kStart:
      case State::kNames:
        return "the header";
      case State::kEntryStart:
      case State::kEntry:
        return fmt::format("tensor '{}'", name());
      case State::kMetadataStart:
      case State::kMetadata:
        return "__metadata__";
      case State::kMetadataValue:
        return fmt::format("'{}' in __metadata__", clipped(key_));
      default:
        return fmt::format("{} of tensor '{}'", key_, name());
    }
  }

  const char* expected() const {
    switch (state_) {
      case State::kDtype:
      case State::kMetadataValue:
        return "a string";
      case State::kShapeStart:
      case State::kOffsetsStart:
        return "an array of integers";
      case State::kShape:
      case State::kOffsets:
        return "a non-negative integer";
      default:
        return "an object";
    }
  }

  [[noreturn]] void unexpected(std::string_view found) {
    fail<FileError>(
        "[safetensors] {}: {} holds {} where {} was expected. Is this a safetensors "
        "file? If so it is damaged: fetch it again.",
        file_, place(), found, expected());
  }

  void start_name(std::string& text) {
    if (!names_.insert(text).second) {
      fail<FileError>(
          "[safetensors] {}: '{}' appears twice in the header. Each tensor may appear "
          "once. The file is damaged: fetch it again.",
          file_, clipped(text));
    }
    if (text == "__metadata__") {
      state_ = State::kMetadataStart;
      return;
    }
    header_.records.emplace_back();
    record().name = std::move(text);
    state_ = State::kEntryStart;
  }

  void start_field(std::string& text) {
    unsigned field = 0;
    if (text == "dtype") {
      field = kDtypeField;
      state_ = State::kDtype;
    } else if (text == "shape") {
      field = kShapeField;
      state_ = State::kShapeStart;
    } else if (text == "data_offsets") {
      field = kOffsetsField;
      state_ = State::kOffsetsStart;
    }
    if (field == 0 || (seen_ & field)) {
      fail<FileError>(
          "[safetensors] {}: tensor '{}' has the key '{}'{}. It may have dtype, shape "
          "and data_offsets, each once. The file is damaged: fetch it again.",
          file_, name(), clipped(text), field ? " twice" : "");
    }
    seen_ |= field;
    key_ = std::move(text);
  }

  void set_dtype(std::string_view text) {
    // The format spells its types in upper case; anything else is another type.
    const auto dtype = parse_dtype(text);
    const bool lower = text.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos;
    if (!dtype || lower) {
      fail<Unsupported>(
          "[safetensors] {}: tensor '{}' has the dtype {}. Known: F64, F32, F16, "
          "BF16, I64, I32, I16, I8, U8, BOOL. Convert it to one of these.",
          file_, name(), clipped(text));
    }
    record().dtype = *dtype;
    state_ = State::kEntry;
  }

  void add_size(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail<FileError>(
          "[safetensors] {}: tensor '{}' has the size {} in its shape, more than any "
          "file can hold. The file is damaged: fetch it again.",
          file_, name(), size);
    }
    if (record().shape.size() == kMaxSafetensorsRank) {
      fail<FileError>(
          "[safetensors] {}: tensor '{}' has more than {} sizes in its shape. The file "
          "is damaged: fetch it again.",
          file_, name(), kMaxSafetensorsRank);
    }
    record().shape.push_back(static_cast<std::int64_t>(size));
  }

  void add_offset(std::uint64_t offset) {
    if (n_offsets_ == 2) bad_offset_count();
    (n_offsets_++ == 0 ? record().begin : record().end) = offset;
  }

  [[noreturn]] void bad_offset_count() {
    fail<FileError>(
        "[safetensors] {}: data_offsets of tensor '{}' must hold two numbers, first "
        "byte and end. The file is damaged: fetch it again.",
        file_, name());
  }

  std::string missing_fields() const {
    std::string missing;
    for (const auto& [field, text] : {std::pair{kDtypeField, "dtype"},
                                      {kShapeField, "shape"},
                                      {kOffsetsField, "data_offsets"}}) {
      if (!(seen_ & field)) missing += (missing.empty() ? "" : ", ") + std::string(text);
    }
    return missing;
  }

  std::string_view file_;
  SafetensorsHeader& header_;
  State state_ = State::kStart;
  std::unordered_set<std::string> names_;
  std::string key_;
  unsigned seen_ = 0;
  int n_offsets_ = 0;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::string_view file) {
  // The format demands '{' first. A zero byte would end the text for the JSON parser.
  if (!text.starts_with('{') || text.find('\0') != std::string_view::npos) {
    fail<FileError>(
        "[safetensors] {}: the header is not valid JSON: it {}. Is this a safetensors "
        "file? If so it is damaged: fetch it again.",
        file, text.starts_with('{') ? "holds a zero byte" : "does not start with '{'");
  }
  SafetensorsHeader header;
  HeaderReader reader(file, header);
  Json::sax_parse(text.begin(), text.end(), &reader);
  return header;
}

}  // namespace pangu
