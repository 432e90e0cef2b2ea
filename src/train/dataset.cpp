// SPDX-License-Identifier: Apache-2.0
// Records are cut from the mapped file in order, encoded in parallel a chunk at a time, and stored
// in order, so that the result does not depend on the number of threads.
#include "train/dataset.h"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/resources.h"
#include "data/data_records.h"
#include "io/mapped_file.h"

namespace pangu {
namespace {

constexpr std::size_t kChunkRecords = 512;
constexpr std::size_t kChunkBytes = std::size_t{4} << 20;

/// Says where an error within a record came from, keeping its type.
[[noreturn]] void rethrow_at(const std::string& where, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const InputError& e) {
    fail<InputError>("{} ({}.)", e.what(), where);
  } catch (const Unsupported& e) {
    fail<Unsupported>("{} ({}.)", e.what(), where);
  } catch (const ConfigError& e) {
    fail<ConfigError>("{} ({}.)", e.what(), where);
  }
}

class SourceReader {
 public:
  SourceReader(const DataSource& source, const ExampleEncoder& encoder,
               const DatasetOptions& options, Dataset& out)
      : encoder_(encoder),
        options_(options),
        out_(out),
        file_(source.path),
        records_(file_, options.document_separator) {}

  void read(ThreadPool& threads) {
    for (std::size_t begin = 0; next_chunk(); begin = records_.position()) {
      encode_chunk(threads);
      store_chunk();
      file_.drop(begin, records_.position() - begin);
      if (options_.progress) {
        options_.progress("tokenizing", static_cast<std::int64_t>(records_.position()),
                          static_cast<std::int64_t>(file_.size()));
      }
    }
    out_.store->finish();
    require_something();
  }

 private:
  struct Encoded {
    std::vector<LossToken> tokens;
    std::string unread_key;
    std::exception_ptr error;
  };

  bool next_chunk() {
    chunk_.clear();
    std::size_t bytes = 0;
    while (chunk_.size() < kChunkRecords && bytes < kChunkBytes) {
      const std::optional<DataRecord> record = records_.next();
      if (!record) break;
      bytes += record->text.size();
      chunk_.push_back(*record);
    }
    return !chunk_.empty();
  }

  void encode_chunk(ThreadPool& threads) {
    encoded_.assign(chunk_.size(), {});
    threads.parallel_for(
        static_cast<std::int64_t>(chunk_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
          for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            try {
              encode(chunk_[i], encoded_[i]);
            } catch (const Error&) {
              // The first in the file is to be reported, not the first in time.
              encoded_[i].error = std::current_exception();
            }
          }
        });
  }

  void encode(const DataRecord& record, Encoded& out) const {
    TrainingRecord parsed = records_.is_plain_text()
                                ? TrainingRecord{TextRecord{DataRecords::document(record)}}
                                : parse_training_record(record.text, records_.where(record));
    out.tokens = encoder_.encode(parsed);
    out.unread_key = std::move(parsed.unread_key);
  }

  void store_chunk() {
    for (std::size_t i = 0; i < chunk_.size(); ++i) {
      if (encoded_[i].error) report(chunk_[i], encoded_[i].error);
      remark_unread(chunk_[i], encoded_[i].unread_key);
      store(chunk_[i], encoded_[i].tokens);
    }
  }

  /// Once for a file: all lines of one are alike.
  void remark_unread(const DataRecord& record, const std::string& key) {
    if (key.empty() || std::exchange(has_remarked_, true)) return;
    log::warning(
        "[data] {} has the key '{}', which is not read, here and in other lines of the file: what "
        "is to be learnt about tools must be in the content of messages.",
        records_.where(record), key);
  }

  [[noreturn]] void report(const DataRecord& record, const std::exception_ptr& error) const {
    const std::string where = records_.where(record);
    try {
      std::rethrow_exception(error);
    } catch (const Error& e) {
      // What the line itself is blamed for names it already.
      if (std::string_view(e.what()).find(where) != std::string_view::npos) throw;
    }
    rethrow_at(where, error);
  }

  void store(const DataRecord& record, const std::vector<LossToken>& tokens) {
    std::int64_t learnt = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (token_of(tokens[i]) >= options_.vocabulary) {
        fail<InputError>(
            "[data] {}: the tokenizer gives the id {}, but the model's vocabulary (vocab_size) has "
            "{}. Do tokenizer and model belong together?",
            records_.where(record), token_of(tokens[i]), options_.vocabulary);
      }
      // The first token follows nothing and cannot be learnt.
      learnt += i > 0 && has_loss(tokens[i]) ? 1 : 0;
    }
    if (learnt == 0) {
      ++out_.counts.without_loss;
      return;
    }
    out_.store->add(tokens);
    ++out_.counts.documents;
    out_.counts.tokens += static_cast<std::int64_t>(tokens.size());
    out_.counts.loss_tokens += learnt;
  }

  void require_something() const {
    const std::string file = file_.path().string();
    if (out_.counts.documents == 0) {
      fail<InputError>(
          "[data] {} has no token that a loss could be taken on ({} documents were read). Replies "
          "of an assistant, completions or texts were expected; is data.loss_on right?",
          file, out_.counts.without_loss);
    }
    if (out_.counts.without_loss > 0) {
      log::warning("[data] {}: {} of {} documents have nothing to learn and were left out.", file,
                   out_.counts.without_loss, out_.counts.without_loss + out_.counts.documents);
    }
  }

  const ExampleEncoder& encoder_;
  const DatasetOptions& options_;
  Dataset& out_;
  MappedFile file_;
  DataRecords records_;
  std::vector<DataRecord> chunk_;
  std::vector<Encoded> encoded_;
  bool has_remarked_ = false;
};

}  // namespace

std::vector<Dataset> read_datasets(const std::vector<DataSource>& sources,
                                   const ExampleEncoder& encoder, const DatasetOptions& options,
                                   const std::filesystem::path& scratch, ThreadPool& threads) {
  std::vector<Dataset> datasets;
  for (const DataSource& source : sources) {
    Dataset& dataset = datasets.emplace_back(
        Dataset{.source = source, .store = std::make_unique<TokenStore>(scratch), .counts = {}});
    SourceReader(source, encoder, options, dataset).read(threads);
  }
  release_free_memory();  // of encoding: training would never use it
  return datasets;
}

}  // namespace pangu
