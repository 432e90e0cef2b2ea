// SPDX-License-Identifier: Apache-2.0
// A folder that keeps what a teacher says of pieces of documents, so that it need not be run again.
//
//   cache.json     whose words these are: teacher, arithmetic, temperature, tokens a row,
//   vocabulary part-000.bin   records (train/teacher_records.h), one process writing to a part at a
//   time
//
// A piece is named by its tokens, positions and targets: epochs, batches, shuffling and students
// have no part in it. Nothing is ever changed but by adding to the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "pangu/dtype.h"
#include "train/teacher_records.h"
#include "train/token_batch.h"

namespace pangu {

/// What decides about every record.
struct TeacherCacheKind {
  std::string teacher;  ///< TeacherModel::digest()
  DType dtype;          ///< of the arithmetic
  double temperature;
  std::int64_t top_k, vocabulary;
};

class TeacherCache {
 public:
  /// Makes the folder if it is not there. Records that a crash has torn are dropped with a warning.
  /// Throws ConfigError naming what differs for a cache of another kind; FileError for a folder
  /// that is no cache or cannot be written to, and for one that is damaged.
  TeacherCache(std::filesystem::path folder, const TeacherCacheKind& kind);
  ~TeacherCache();
  TeacherCache(const TeacherCache&) = delete;
  TeacherCache& operator=(const TeacherCache&) = delete;

  /// The name of document number `d` of a batch.
  RecordKey key_of(const TokenBatch& batch, std::size_t d) const;
  bool contains(const RecordKey& key) const { return index_.contains(key); }
  /// What is kept under a key that is there; `rows` is how many targets the piece has. Throws
  /// FileError for damage.
  ops::TopTokens read(const RecordKey& key, std::int64_t rows) const;
  /// Keeps the words on a piece, unless they are there. Throws FileError if the disk is full; what
  /// was kept before stays.
  void add(const RecordKey& key, const ops::TopTokens& top);

  std::size_t size() const { return index_.size(); }

 private:
  struct Part {
    std::filesystem::path file;
    int fd;
    std::uint64_t end;  ///< of the last whole record
  };
  struct Place {
    std::size_t part;
    RecordPlace record;
  };
  struct KeyHash {
    std::size_t operator()(const RecordKey& key) const { return key.low; }
  };

  void open_parts();
  void open_part(const std::filesystem::path& file);
  void drop_torn_end(Part& part, std::uint64_t size) const;

  std::filesystem::path folder_;
  RecordShape shape_;
  std::uint64_t seed_ = 0;  ///< of keys: the kind
  std::vector<Part> parts_;
  std::size_t own_ = 0;  ///< the part this process writes to
  bool has_own_ = false;
  std::unordered_map<RecordKey, Place, KeyHash> index_;
};

}  // namespace pangu
