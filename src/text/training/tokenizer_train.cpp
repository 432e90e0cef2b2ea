// SPDX-License-Identifier: Apache-2.0
#include "text/training/tokenizer_train.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/counter_rng.h"
#include "base/error.h"
#include "io/atomic_file.h"
#include "io/atomic_folder.h"
#include "io/json.h"
#include "pangu/tokenizer.h"
#include "text/chat/openpangu_template.h"
#include "text/training/tokenizer_texts.h"

namespace pangu::text {
namespace {

namespace fs = std::filesystem;

constexpr TokenId kBos = 1;
constexpr const char* kEos = "[unused10]";

/// Keeps each line with the same probability, where they are more than fit.
class LineSample {
 public:
  LineSample(std::int64_t max_lines, std::uint64_t seed) : max_(max_lines), seed_(seed) {}

  void add(std::string line) {
    const std::int64_t seen = seen_++;
    if (seen < max_) {
      lines_.push_back(std::move(line));
      return;
    }
    const auto position = static_cast<std::uint64_t>(seen);
    const std::uint64_t slot =
        random_bits(seed_, position, RandomStream::kLineSample) % (position + 1);
    if (slot < static_cast<std::uint64_t>(max_)) lines_[slot] = std::move(line);
  }

  const std::vector<std::string>& lines() const { return lines_; }
  std::int64_t seen() const { return seen_; }

 private:
  std::int64_t max_;
  std::uint64_t seed_;
  std::int64_t seen_ = 0;
  std::vector<std::string> lines_;
};

/// Newlines are always spelled in bytes, so that training sees the lines; the first one has the
/// space that the tokenizer puts before a stretch.
void add_lines(const std::string& stretch, LineSample& sample) {
  std::string line = " ";
  for (std::size_t at = 0; at <= stretch.size();) {
    const std::size_t end = std::min(stretch.find('\n', at), stretch.size());
    line.append(stretch, at, end - at);
    if (!line.empty() && line != " ") sample.add(std::move(line));
    line.clear();
    at = end + 1;
  }
}

/// Calls `use` for every record of all files, reporting progress from `done` of `total` bytes on.
void read_all(const std::vector<fs::path>& data, const ProgressFn& progress, std::string_view what,
              const std::function<void(TokenizerText)>& use) {
  std::int64_t total = 0;
  for (const fs::path& path : data) {
    std::error_code ignored;
    const auto size = fs::file_size(path, ignored);
    if (!ignored) total += static_cast<std::int64_t>(size);
  }
  std::int64_t done = 0;
  for (const fs::path& path : data) {
    std::int64_t in_file = 0;
    read_tokenizer_texts(path, [&](TokenizerText record, std::int64_t bytes) {
      in_file = bytes;
      use(std::move(record));
      if (progress) progress(what, done + bytes, total);
    });
    done += in_file;
  }
}

/// Code points of a text that is known to be UTF-8.
std::int64_t characters(std::string_view text) {
  std::int64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

TokenCounts counts_of(const TokenizerText& record, const Tokenizer& tokenizer) {
  TokenCounts counts{.records = 1, .tokens = record.special_tokens};
  for (const std::string& stretch : record.stretches) {
    const auto ids =
        tokenizer.encode(stretch, {.add_bos = false, .add_eos = false, .parse_special = false});
    counts.text_tokens += static_cast<std::int64_t>(ids.size());
    counts.characters += characters(stretch);
  }
  counts.tokens += counts.text_tokens;
  return counts;
}

void add(TokenCounts& sum, const TokenCounts& counts) {
  sum.records += counts.records;
  sum.characters += counts.characters;
  sum.tokens += counts.tokens;
  sum.text_tokens += counts.text_tokens;
}

Json added_token(const std::string& content) {
  return {{"content", content},
          {"lstrip", false},
          {"normalized", false},
          {"rstrip", false},
          {"single_word", false}};
}

void write_folder(const fs::path& folder, const std::string& model) {
  write_file_atomically(folder / "tokenizer.model", model);
  std::vector<std::string> special{"<unk>", "<s>", "</s>"};
  for (std::string& token : openpangu_control_tokens()) special.push_back(std::move(token));
  Json added = Json::object();
  TokenId eos = 0;
  for (std::size_t id = 0; id < special.size(); ++id) {
    added[std::to_string(id)] = added_token(special[id]);
    added[std::to_string(id)]["special"] = true;
    if (special[id] == kEos) eos = static_cast<TokenId>(id);
  }
  write_json(folder / "tokenizer_config.json", {{"add_bos_token", true},
                                                {"add_eos_token", false},
                                                {"add_prefix_space", true},
                                                {"added_tokens_decoder", added},
                                                {"bos_token", "<s>"},
                                                {"chat_template", kOpenPanguTemplate},
                                                {"clean_up_tokenization_spaces", false},
                                                {"eos_token", kEos},
                                                {"legacy", true},
                                                {"model_max_length", 1e30},
                                                {"pad_token", "<unk>"},
                                                {"sp_model_kwargs", Json::object()},
                                                {"spaces_between_special_tokens", false},
                                                {"tokenizer_class", "LlamaTokenizer"},
                                                {"unk_token", "<unk>"},
                                                {"use_default_system_prompt", false}});
  write_json(folder / "special_tokens_map.json", {{"bos_token", added_token("<s>")},
                                                  {"eos_token", added_token(kEos)},
                                                  {"pad_token", added_token("<unk>")},
                                                  {"unk_token", added_token("<unk>")}});
  write_json(folder / "generation_config.json",
             {{"bos_token_id", kBos}, {"eos_token_id", eos}, {"pad_token_id", 0}});
}

}  // namespace

TokenizerReport train_tokenizer(const std::vector<fs::path>& data, const fs::path& out,
                                const TokenizerTraining& options) {
  AtomicFolder folder(out);
  LineSample sample(options.max_lines, options.seed);
  read_all(data, options.progress, "reading", [&](const TokenizerText& record) {
    for (const std::string& stretch : record.stretches) add_lines(stretch, sample);
  });
  if (options.progress) options.progress("training", 0, 1);
  write_folder(folder.path(), train_sentencepiece(sample.lines(), options.model));

  const std::shared_ptr<const Tokenizer> tokenizer = load_tokenizer(folder.path());
  TokenizerReport report{.vocab_size = tokenizer->vocab_size(),
                         .lines = sample.seen(),
                         .trained_lines = static_cast<std::int64_t>(sample.lines().size())};
  read_all(data, options.progress, "counting", [&](const TokenizerText& record) {
    const TokenCounts counts = counts_of(record, *tokenizer);
    add(report.total, counts);
    if (!record.family.empty()) add(report.families[record.family], counts);
  });
  folder.commit();
  return report;
}

}  // namespace pangu::text
