// SPDX-License-Identifier: Apache-2.0
// Pages of a cache on disk, so that prompts which begin alike find them after a restart: a file for
// each page, named by a hash of all tokens up to its end and holding these tokens themselves, which
// are compared. Files appear complete or not at all, and one that is damaged is removed: whatever
// ends the process, and however many share a folder, what is found is what was computed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pangu/token.h"

namespace pangu {

struct PageStoreOptions {
  std::filesystem::path folder;
  /// Names everything that bits of a page depend on beside the tokens: the model, its formats, the
  /// instruction set, the program. Pages are looked for under the same name alone.
  std::string identity;
  std::size_t page_bytes = 0;
  /// Of all files in the folder, of whatever identity. Those that were used longest ago go first.
  std::uint64_t max_bytes = std::uint64_t{16} << 30;
  /// Hears of failures to write, one for each pause that follows; from a thread of the store.
  std::function<void(const std::string&)> on_failure;
};

/// What a page follows from.
struct PageKey {
  std::string_view salt;
  std::span<const TokenId> tokens;  ///< all up to the end of the page
};

struct PageStoreStats {
  std::int64_t read = 0, written = 0;
  std::int64_t skipped = 0;  ///< that were not written: the disk was too slow, or failed
  std::int64_t damaged = 0;  ///< files that were not what they said
};

/// load() and save() from one thread; files are written by another.
class PageStore {
 public:
  /// Makes the folder. Throws FileError where that, or writing into it, is not possible.
  explicit PageStore(PageStoreOptions options);
  /// Writes what waits.
  ~PageStore();
  PageStore(const PageStore&) = delete;
  PageStore& operator=(const PageStore&) = delete;

  bool has(const PageKey& key) const;
  /// Fills `page` (page_bytes); false if it is not there.
  bool load(const PageKey& key, std::span<std::byte> page);
  /// Has a page written later, unless it is there: `read` fills page_bytes. One before which too
  /// much waits is skipped.
  void save(const PageKey& key, const std::function<void(std::span<std::byte>)>& read);
  /// Waits until everything that was saved is written or skipped.
  void flush();

  PageStoreStats stats() const;

 private:
  struct Item {
    std::filesystem::path file;
    std::string head;  ///< everything in front of the page
    std::vector<std::byte> page;
  };

  std::filesystem::path file_of(const PageKey& key) const;
  std::string head_of(const PageKey& key) const;
  void work();
  bool write(const Item& item);
  void make_room();

  PageStoreOptions options_;
  std::filesystem::path pages_;      ///< the folder of this identity
  std::uint64_t written_bytes_ = 0;  ///< of the writing thread: since the folder was last looked at

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool is_writing_ = false, ends_ = false;
  PageStoreStats stats_;
  std::thread thread_;
};

}  // namespace pangu
