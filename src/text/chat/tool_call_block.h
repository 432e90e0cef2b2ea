// SPDX-License-Identifier: Apache-2.0
// The calls in a block, read byte by byte: what stands between the markers, or what begins a reply
// of a model that writes none.
#pragma once

#include <string>
#include <string_view>

#include "text/chat/json_object_scanner.h"
#include "text/chat/tool_call_writer.h"

namespace pangu {

/// Takes, whatever the family: an object with "name", "arguments" or "parameters" (an object, null,
/// or an object within a string) and "type": "function", in any order; several of them, in a list
/// or with blanks, commas or semicolons between; NAME|ARGUMENTS where that is allowed. Brackets may
/// be closed too often, and left open before the closing marker. A call is given out once its name
/// is known and its arguments begin; then they are as they come.
class ToolCallBlock {
 public:
  struct Options {
    bool needs_arguments = false;  ///< without, an object is no call
    bool may_be_named = false;     ///< NAME|ARGUMENTS
  };

  explicit ToolCallBlock(const Options& options) : options_(options) {}

  /// The next byte; false if it cannot stand here. Then it was not taken, and the block is over.
  bool push(char c, ToolCallWriter& out);

  /// The closing marker comes. False if what came since the last call is none; it is text then.
  bool finish(ToolCallWriter& out);
  /// The reply ends.
  void cut(ToolCallWriter& out);

  /// Whether all that was taken belongs to calls that were given out.
  bool is_settled() const;
  /// Whether a call was given out whose arguments are not whole.
  bool is_open() const { return at_ == At::kArguments && started_; }
  bool has_calls() const { return calls_ > 0; }
  /// Whether the next byte is within a string, where markers that are spelled are text.
  bool in_string() const;

 private:
  enum class At {
    kStart,
    kName,            ///< NAME|
    kNamedArguments,  ///< behind it
    kItem,
    kKey,
    kKeyText,
    kColon,
    kValue,
    kString,
    kNull,
    kArguments,
    kAfterValue,  ///< within the object of a call
    kAfterItem,   ///< behind it
    kEnd          ///< behind a list
  };
  enum class Key { kName, kType, kArguments };

  bool push_start(char c);
  bool push_item(char c);
  bool push_name(char c);
  bool push_key(char c);
  bool push_value(char c, ToolCallWriter& out);
  bool push_string(char c, ToolCallWriter& out);
  bool push_null(char c, ToolCallWriter& out);
  bool push_arguments(char c, ToolCallWriter& out);
  bool push_after_value(char c, ToolCallWriter& out);
  bool push_after_item(char c);
  bool go(At next);

  bool begin_object();
  bool begin_arguments(ToolCallWriter& out);
  bool take_key();
  bool take_string(ToolCallWriter& out);
  void take_name(std::string name, ToolCallWriter& out);
  void take_arguments(std::string_view whole, ToolCallWriter& out);
  bool end_object(ToolCallWriter& out);
  void start(ToolCallWriter& out);

  Options options_;
  At at_ = At::kStart;
  bool in_list_ = false;
  bool is_named_ = false;
  int calls_ = 0;
  std::string raw_;  ///< of the key, the name or the string that is being read
  bool escaped_ = false;
  // Of the call that is being read:
  Key key_ = Key::kName;
  std::string name_;  ///< empty: not known yet
  bool has_arguments_ = false;
  std::string early_;     ///< arguments that came before the name
  bool started_ = false;  ///< it was given out
  JsonObjectScanner scanner_;
};

}  // namespace pangu
