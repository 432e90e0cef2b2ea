// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/page_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "io/atomic_file.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// The version is a part of it.
constexpr std::string_view kPageMagic = "PANGUKV1";
constexpr std::string_view kPageEnding = ".kvpage";
constexpr std::size_t kMostWaiting = std::size_t{256} << 20;
constexpr auto kPauseAfterFailure = std::chrono::seconds(30);

void put_number(std::string& out, std::uint64_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::uint64_t page_checksum(std::string_view head, std::span<const std::byte> page) {
  ContentHash hash;
  hash.add(head);
  hash.add(page);
  return hash.value();
}

/// A file of a page, when it was last used, and its size.
struct Found {
  fs::file_time_type used;
  std::uint64_t bytes;
  fs::path path;
};

/// Others may add and remove files meanwhile: what is gone is passed over.
std::vector<Found> pages_below(const fs::path& folder) {
  std::vector<Found> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != kPageEnding) continue;
    std::error_code gone;
    const Found found{at->last_write_time(gone), at->file_size(gone), at->path()};
    if (!gone) out.push_back(found);
  }
  return out;
}

}  // namespace

PageStore::PageStore(PageStoreOptions options)
    : options_(std::move(options)), pages_(options_.folder / options_.identity) {
  std::error_code error;
  fs::create_directories(pages_, error);
  if (error) {
    fail<FileError>("[cache] the folder {} cannot be made: {}. Name another one for the cache.",
                    pages_.string(), error.message());
  }
  write_file_atomically(pages_ / "README", "Pages of pangu's prefix cache; may be removed.\n");
  make_room();
  thread_ = std::thread([this] { work(); });
}

PageStore::~PageStore() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

fs::path PageStore::file_of(const PageKey& key) const {
  std::string name;
  for (const std::uint64_t seed : {1, 2}) {
    ContentHash hash(seed);
    hash.add(key.salt);
    hash.add(std::as_bytes(key.tokens));
    name += fmt::format("{:016x}", hash.value());
  }
  return pages_ / (name + std::string(kPageEnding));
}

std::string PageStore::head_of(const PageKey& key) const {
  std::string out(kPageMagic);
  put_number(out, key.salt.size());
  put_number(out, key.tokens.size());
  put_number(out, options_.page_bytes);
  out += key.salt;
  out.append(reinterpret_cast<const char*>(key.tokens.data()), key.tokens.size_bytes());
  return out;
}

bool PageStore::has(const PageKey& key) const {
  std::error_code error;
  return fs::exists(file_of(key), error);
}

bool PageStore::load(const PageKey& key, std::span<std::byte> page) {
  const fs::path file = file_of(key);
  std::ifstream in(file, std::ios::binary);
  if (!in) return false;
  const std::string head = head_of(key);
  std::string found(head.size(), '\0');
  std::uint64_t checksum = 0;
  in.read(found.data(), static_cast<std::streamsize>(found.size()));
  in.read(reinterpret_cast<char*>(page.data()), static_cast<std::streamsize>(page.size()));
  in.read(reinterpret_cast<char*>(&checksum), sizeof(checksum));
  const bool is_whole = in.good() && in.peek() == std::ifstream::traits_type::eof();
  // Other tokens of the same hash, or an accident to the disk.
  const bool is_right = is_whole && found == head && checksum == page_checksum(head, page);
  std::error_code error;
  if (is_right) {
    fs::last_write_time(file, fs::file_time_type::clock::now(), error);
  } else {
    fs::remove(file, error);
  }
  const std::lock_guard lock(mutex_);
  ++(is_right ? stats_.read : stats_.damaged);
  return is_right;
}

void PageStore::save(const PageKey& key, const std::function<void(std::span<std::byte>)>& read) {
  Item item{.file = file_of(key), .head = {}, .page = {}};
  std::error_code error;
  if (fs::exists(item.file, error)) return;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_bytes_ + options_.page_bytes > kMostWaiting) {
      ++stats_.skipped;
      return;
    }
  }
  item.head = head_of(key);
  item.page.resize(options_.page_bytes);
  read(item.page);
  {
    const std::lock_guard lock(mutex_);
    waiting_bytes_ += item.page.size();
    waiting_.push_back(std::move(item));
  }
  changed_.notify_all();
}

void PageStore::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !is_writing_; });
}

PageStoreStats PageStore::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void PageStore::work() {
  std::optional<std::chrono::steady_clock::time_point> paused_at;
  for (;;) {
    Item item;
    {
      std::unique_lock lock(mutex_);
      is_writing_ = false;
      if (waiting_.empty()) changed_.notify_all();
      changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      item = std::move(waiting_.front());
      waiting_.pop_front();
      waiting_bytes_ -= item.page.size();
      is_writing_ = true;
    }
    const auto now = std::chrono::steady_clock::now();
    const bool pauses = paused_at && now - *paused_at < kPauseAfterFailure;
    const bool is_written = !pauses && write(item);
    if (!pauses) paused_at = is_written ? std::nullopt : std::optional(now);
    const std::lock_guard lock(mutex_);
    ++(is_written ? stats_.written : stats_.skipped);
  }
}

bool PageStore::write(const Item& item) {
  std::error_code error;
  if (fs::exists(item.file, error)) return true;
  try {
    const std::uint64_t bytes = item.head.size() + item.page.size() + sizeof(std::uint64_t);
    if (written_bytes_ + bytes > options_.max_bytes / 16) make_room();
    AtomicFile file(item.file);
    file.write(item.head);
    file.write(item.page);
    const std::uint64_t checksum = page_checksum(item.head, item.page);
    file.write(std::as_bytes(std::span(&checksum, 1)));
    written_bytes_ += bytes;
    file.commit();
    return true;
  } catch (const Error& failure) {
    if (options_.on_failure) options_.on_failure(failure.what());
    return false;
  }
}

/// A sixteenth of the room is left for what is written until it is looked at again.
void PageStore::make_room() {
  written_bytes_ = 0;
  std::vector<Found> files = pages_below(options_.folder);
  std::uint64_t all = 0;
  for (const Found& file : files) all += file.bytes;
  std::ranges::sort(files, {}, &Found::used);
  for (const Found& file : files) {
    if (all <= options_.max_bytes - options_.max_bytes / 16) return;
    std::error_code error;
    fs::remove(file.path, error);
    all -= file.bytes;
  }
}

}  // namespace pangu
