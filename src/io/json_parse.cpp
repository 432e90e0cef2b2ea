// SPDX-License-Identifier: Apache-2.0
// parse_json: values are built from the library's events, so that limits hold before they cost, and
// in time linear in the text. (The library's own way of watching a parse goes through all elements
// of an array again at the end of each.)
#include <limits>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"
#include "io/lfs_pointer.h"
#include "io/ordered_json.h"

namespace pangu {
namespace {

/// Builds the value; refuses depth, size and repeated keys as they appear. Its members are the
/// events of nlohmann::json_sax. `J` is Json or OrderedJson.
template <class J>
class JsonBuilder {
 public:
  JsonBuilder(std::string_view file, const JsonLimits& limits) : file_(file), limits_(limits) {}

  J take() { return std::move(root_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(typename J::number_integer_t value) { return add(value); }
  bool number_unsigned(typename J::number_unsigned_t value) { return add(value); }
  bool number_float(typename J::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(typename J::binary_t& value) { return add(std::move(value)); }
  bool start_object(std::size_t) { return open(J::value_t::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(J::value_t::array); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    auto& object = open_.back()->template get_ref<typename J::object_t&>();
    if (object.size() == limits_.max_keys) {
      fail<FileError>("[json] {}: an object has more than {} keys.", file_, limits_.max_keys);
    }
    const auto [place, is_new] = object.emplace(name, nullptr);
    if (!is_new) {
      fail<FileError>(
          "[json] {}: the key '{}' appears twice in one object. Each key may "
          "appear once; remove the one that does not apply.",
          file_, clipped(name));
    }
    member_ = &place->second;
    return true;
  }

  [[noreturn]] bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
    fail<FileError>("[json] {}: {}. Valid JSON was expected. Is the file complete?", file_,
                    reason_of(error));
  }

 private:
  template <class Value>
  bool add(Value&& value) {
    place(J(std::forward<Value>(value)));
    return true;
  }

  bool open(typename J::value_t kind) {
    if (open_.size() == limits_.max_depth) {
      fail<FileError>(
          "[json] {}: arrays and objects nest deeper than {} levels. "
          "Is this the right file?",
          file_, limits_.max_depth);
    }
    open_.push_back(&place(J(kind)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  /// Puts a value where the text has it. An array grows only while its last element is complete,
  /// so that the pointers to what is open stay valid.
  J& place(J value) {
    if (++values_ > limits_.max_values) {
      fail<FileError>("[json] {} holds more than {} values. Is this the right file?", file_,
                      limits_.max_values);
    }
    if (open_.empty()) return root_ = std::move(value);
    J& parent = *open_.back();
    if (parent.is_object()) return *member_ = std::move(value);
    return parent.template get_ref<typename J::array_t&>().emplace_back(std::move(value));
  }

  std::string_view file_;
  const JsonLimits& limits_;
  J root_;
  std::vector<J*> open_;  ///< the arrays and objects around the place that is read
  J* member_ = nullptr;   ///< where the value of the last key goes
  std::size_t values_ = 0;
};

template <class J>
J parse_as(std::string_view text, std::string_view file, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    fail<FileError>("[json] {} has {} bytes; at most {} are read. Is this the right file?", file,
                    text.size(), limits.max_bytes);
  }
  refuse_lfs_pointer(text, file);
  // The parser would take a zero byte for the end of the text and not look at what follows.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    fail<FileError>(
        "[json] {}: byte {} is zero, which JSON does not allow. Is the file damaged, "
        "or UTF-16? Save it as UTF-8.",
        file, zero);
  }
  JsonBuilder<J> builder(file, limits);
  Json::sax_parse(text.begin(), text.end(), &builder, Json::input_format_t::json, true,
                  limits.allow_comments);
  return builder.take();
}

}  // namespace

Json parse_json(std::string_view text, std::string_view file, const JsonLimits& limits) {
  return parse_as<Json>(text, file, limits);
}

OrderedJson parse_ordered_json(std::string_view text, std::string_view file,
                               const JsonLimits& limits) {
  return parse_as<OrderedJson>(text, file, limits);
}

}  // namespace pangu
