// SPDX-License-Identifier: Apache-2.0
#include "text/sentencepiece/sentencepiece_train.h"

#include <sentencepiece_trainer.h>

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/utf8.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu::text {
namespace {

constexpr int kUnusedTokens = 34;
constexpr int kBytePieces = 256;
constexpr int kRoles = 3;  // <unk>, <s>, </s>

/// No piece reaches across this one in training; in texts it is spelled in bytes.
constexpr char kBoundary = '\t';

/// The ideographs of the basic plane and its extensions.
bool is_han(char32_t c) {
  return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

std::string han_split(const std::string& line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    const bool han = is_han(utf8::next(line, at));
    if (han && !out.empty() && out.back() != kBoundary) out += kBoundary;
    out.append(line, begin, at - begin);
    if (han && at < line.size()) out += kBoundary;
  }
  return out;
}

/// Hands the lines that have text to the library.
class LineIterator final : public sentencepiece::SentenceIterator {
 public:
  LineIterator(const std::vector<std::string>& lines, bool split_han)
      : lines_(lines), split_han_(split_han) {
    find_line();
  }

  bool done() const override { return at_ == lines_.size(); }
  void Next() override {
    ++at_;
    find_line();
  }
  const std::string& value() const override { return split_han_ ? split_ : lines_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void find_line() {
    while (!done() && lines_[at_].empty()) ++at_;
    if (!done() && split_han_) split_ = han_split(lines_[at_]);
  }

  const std::vector<std::string>& lines_;
  bool split_han_;
  std::string split_;
  std::size_t at_ = 0;
};

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

std::unordered_map<std::string, std::string> library_options(const SentencePieceTraining& options) {
  return {
      {"model_type", options.kind == SentencePieceTraining::Kind::kBpe ? "bpe" : "unigram"},
      {"vocab_size", std::to_string(options.vocab_size)},
      {"character_coverage", fmt::format("{}", options.character_coverage)},
      {"control_symbols", joined(openpangu_control_tokens())},
      {"unk_id", "0"},
      {"bos_id", "1"},
      {"eos_id", "2"},
      {"pad_id", "-1"},
      {"byte_fallback", "true"},
      {"split_digits", "true"},
      {"allow_whitespace_only_pieces", "true"},
      {"normalization_rule_name", "identity"},
      {"remove_extra_whitespaces", "false"},
      // Only the first line of a text has a space before it, and the caller puts it there.
      {"add_dummy_prefix", "false"},
      {"max_sentence_length", std::to_string(1 << 30)},
      // Data that is too small is this file's error, with the size that is possible.
      {"hard_vocab_limit", "false"},
      // Unigram sums per thread: another number of threads would be another rounding.
      {"num_threads", "2"},
      {"minloglevel", "4"},
  };
}

/// What the library says, without its stop, and without the place and the condition in its sources
/// where words follow them.
std::string reason_text(std::string text) {
  const std::size_t end = text.rfind("] ");
  if (end != std::string::npos && end + 2 < text.size()) text.erase(0, end + 2);
  while (text.ends_with(' ')) text.pop_back();
  while (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> openpangu_control_tokens() {
  std::vector<std::string> tokens;
  for (int i = 0; i < kUnusedTokens; ++i) tokens.push_back(fmt::format("[unused{}]", i));
  tokens.insert(tokens.end(), {"<|User|>:", "<|Bot|>:"});
  return tokens;
}

std::string train_sentencepiece(const std::vector<std::string>& lines,
                                const SentencePieceTraining& options) {
  const bool has_text = std::ranges::any_of(lines, [](const std::string& line) {
    return line.find_first_not_of(" \t\r") != std::string::npos;
  });
  if (!has_text) {
    fail<InputError>("[tokenizer] the data has no text to train on. Give files with text.");
  }
  const int fixed = kRoles + static_cast<int>(openpangu_control_tokens().size()) + kBytePieces;
  if (options.vocab_size <= fixed) {
    fail<InputError>(
        "[tokenizer] a vocabulary of {} is too small: special tokens and bytes alone take {}. Ask "
        "for some thousands.",
        options.vocab_size, fixed);
  }
  LineIterator iterator(lines, options.split_han);
  std::string bytes;
  std::string reason;
  try {
    const auto status =
        sentencepiece::SentencePieceTrainer::Train(library_options(options), &iterator, &bytes);
    if (!status.ok()) reason = status.message();
  } catch (const std::exception& error) {
    reason = error.what();
  }
  if (!reason.empty()) {
    fail<InputError>(
        "[tokenizer] libsentencepiece cannot make a vocabulary of {} from this data: {}. Ask for a "
        "larger vocabulary, less character coverage, or give more data.",
        options.vocab_size, reason_text(reason));
  }
  SentencePieceModel model = SentencePieceModel::parse(bytes, "the trained vocabulary");
  if (static_cast<int>(model.pieces.size()) < options.vocab_size) {
    fail<InputError>(
        "[tokenizer] the data gives {} pieces where a vocabulary of {} was asked for. Ask for at "
        "most {}, or give more data.",
        model.pieces.size(), options.vocab_size, model.pieces.size());
  }
  model.set_add_dummy_prefix(true);
  return model.serialize();
}

}  // namespace pangu::text
