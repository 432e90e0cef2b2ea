// SPDX-License-Identifier: Apache-2.0
// Makes messages of what is typed and pasted: byte by byte, without a terminal at hand.
#pragma once

#include <string>
#include <string_view>

namespace pangu::app {

/// A message of any length and, pasted, of any number of lines. The keys are those that terminals
/// have for lines: erase a character, a word or all, end of input. Cursor and function keys do
/// nothing.
class LineEditor {
 public:
  struct Keys {
    char erase = '\x7f';
    char erase_word = '\x17';
    char erase_all = '\x15';
    char end = '\x04';
  };
  enum class Event {
    kMore,     ///< goes on
    kMessage,  ///< Enter came: take message()
    kEnd       ///< the end of the input
  };

  LineEditor() = default;
  explicit LineEditor(const Keys& keys) : keys_(keys) {}

  /// Takes the next byte. What the terminal is to show is added to `echo`.
  Event take(char byte, std::string& echo);
  /// What was typed; the editor is empty then.
  std::string message();

 private:
  Event take_key(char byte, std::string& echo);
  Event take_escape(char byte, std::string& echo);
  void add(std::string_view bytes, std::string& echo);
  void erase_characters(std::size_t from, std::string& echo);
  std::size_t last_character() const;
  std::size_t last_word() const;

  Keys keys_;
  std::string text_;
  std::size_t shown_ = 0;  ///< bytes of it that were shown: a character is, once it is whole
  std::string escape_;     ///< the beginning of an escape sequence
  bool pasting_ = false;   ///< between the marks of a bracketed paste
};

/// Columns that a text takes on a terminal: two for wide characters, none for marks on others.
std::size_t columns(std::string_view text);

}  // namespace pangu::app
