// SPDX-License-Identifier: Apache-2.0
#include "train/teacher_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "base/file_advice.h"
#include "base/hash.h"
#include "base/log.h"
#include "io/folder_names.h"
#include "io/json.h"
#include "io/temporary.h"
#include "tensor/dtype.h"
#include "train/document_rows.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKindFile = "cache.json";
constexpr int kCacheVersion = 1;

[[noreturn]] void fail_cache(const fs::path& path, const char* doing, int error) {
  fail<FileError>("[distill] cannot {} {}: {}. {}", doing, path.string(), std::strerror(error),
                  is_out_of_room(error) ? "Free space, choose a smaller distill.top_k, or train "
                                          "without distill.cache."
                                        : file_advice(error));
}

Json to_json(const TeacherCacheKind& kind) {
  return {{"what", "words of a teacher, kept by pangu"},
          {"version", kCacheVersion},
          {"teacher", kind.teacher},
          {"dtype", name(kind.dtype)},
          {"temperature", kind.temperature},
          {"top_k", kind.top_k},
          {"vocabulary", kind.vocabulary}};
}

void create_kind(const fs::path& folder, const Json& kind) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_cache(folder, "make the folder", error.value());
  for (const std::string& name : folder_names(folder)) {
    if (is_temporary_name(name)) continue;
    if (fs::exists(folder / kKindFile)) return;  // another process was faster
    fail<FileError>(
        "[distill] {} has files, but no {}: it is no cache of a teacher. Give distill.cache an "
        "empty or a new folder.",
        folder.string(), kKindFile);
  }
  write_json(folder / kKindFile, kind);
}

/// Throws unless the folder's kind is this one.
void require_kind(const fs::path& folder, const Json& kind) {
  const Json found = read_json(folder / kKindFile, {.max_bytes = std::size_t{64} << 10});
  const JsonObject o((folder / kKindFile).string(), found);
  for (const auto& [key, expected] : kind.items()) {
    const Json* value = o.find(key);
    if (value && *value == expected) continue;
    fail<ConfigError>(
        "[distill] {} was made with {} = {}, but this run has {}. Choose another folder for "
        "distill.cache, or restore what was changed.",
        folder.string(), key, value ? clipped(value->dump()) : "nothing", expected.dump());
  }
}

std::uint64_t bytes_of(const fs::path& file, int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail_cache(file, "look at", errno);
  return static_cast<std::uint64_t>(info.st_size);
}

void read_at(const fs::path& file, int fd, std::uint64_t offset, std::span<std::byte> to) {
  while (!to.empty()) {
    const ssize_t n = ::pread(fd, to.data(), to.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_cache(file, "read", errno);
    if (n == 0) {
      fail<FileError>(
          "[distill] {} ends before byte {}, where a record was expected. Is another program at "
          "work in the folder?",
          file.string(), offset + to.size());
    }
    offset += static_cast<std::uint64_t>(n);
    to = to.subspan(static_cast<std::size_t>(n));
  }
}

/// Returns the error, or 0.
int write_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

TeacherCache::TeacherCache(fs::path folder, const TeacherCacheKind& kind)
    : folder_(std::move(folder)), shape_{.k = kind.top_k, .vocabulary = kind.vocabulary} {
  const Json json = to_json(kind);
  if (!fs::exists(folder_ / kKindFile)) create_kind(folder_, json);
  require_kind(folder_, json);
  // With the kind in every key, parts that were moved here from another cache match nothing.
  ContentHash seed;
  seed.add(json.dump());
  seed_ = seed.value();
  try {
    open_parts();
  } catch (...) {
    for (const Part& part : parts_) ::close(part.fd);
    throw;
  }
}

TeacherCache::~TeacherCache() {
  for (const Part& part : parts_) ::close(part.fd);
}

void TeacherCache::open_parts() {
  for (int number = 0;; ++number) {
    const fs::path file = folder_ / fmt::format("part-{:03}.bin", number);
    if (has_own_ && !fs::exists(file)) return;
    open_part(file);
  }
}

void TeacherCache::open_part(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) fail_cache(file, "open", errno);
  parts_.push_back({.file = file, .fd = fd, .end = 0});
  Part& part = parts_.back();
  // A part that another process writes to is read as far as it has come.
  const bool is_own = !has_own_ && ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  if (!has_own_ && !is_own && errno != EWOULDBLOCK) fail_cache(file, "lock", errno);
  const std::uint64_t size = bytes_of(file, fd);
  const RecordScan scan = scan_records(
      size, [&](std::uint64_t at, std::span<std::byte> to) { read_at(file, fd, at, to); }, shape_,
      file.string());
  part.end = scan.end;
  for (const RecordPlace& record : scan.records) {
    index_.try_emplace(record.head.key, Place{.part = parts_.size() - 1, .record = record});
  }
  if (!is_own) return;
  own_ = parts_.size() - 1;
  has_own_ = true;
  drop_torn_end(part, size);
}

void TeacherCache::drop_torn_end(Part& part, std::uint64_t size) const {
  if (size == part.end) return;
  log::warning("[distill] {}: the last {} bytes are of a record that was never finished; dropped.",
               part.file.string(), size - part.end);
  if (::ftruncate(part.fd, static_cast<off_t>(part.end)) != 0) {
    fail_cache(part.file, "shorten", errno);
  }
}

RecordKey TeacherCache::key_of(const TokenBatch& batch, std::size_t d) const {
  const auto [first, end] = document_range(batch, d);
  ContentHash high(seed_), low(~seed_);
  for (ContentHash* hash : {&high, &low}) {
    hash->add(end - first);
    for (std::size_t t = first; t < end; ++t) {
      const bool is_learnt = batch.targets[t] != kNoTarget;
      hash->add(static_cast<std::uint64_t>(static_cast<std::uint32_t>(batch.tokens[t])) << 32 |
                static_cast<std::uint32_t>(batch.positions[t]) << 1 | (is_learnt ? 1u : 0u));
    }
  }
  return {.high = high.value(), .low = low.value()};
}

ops::TopTokens TeacherCache::read(const RecordKey& key, std::int64_t rows) const {
  const Place& place = index_.at(key);
  const Part& part = parts_[place.part];
  const RecordHead& head = place.record.head;
  const std::string where =
      fmt::format("{}, byte {}", part.file.string(), place.record.payload - kRecordHeadBytes);
  if (head.rows != rows) {
    fail<FileError>(
        "[distill] {} has {} rows of a piece that has {}. Remove the folder; the teacher then runs "
        "again.",
        where, head.rows, rows);
  }
  std::vector<std::byte> payload(shape_.bytes(head.rows));
  read_at(part.file, part.fd, place.record.payload, payload);
  return parse_record(payload, head, shape_, where);
}

void TeacherCache::add(const RecordKey& key, const ops::TopTokens& top) {
  if (contains(key)) return;
  Part& part = parts_[own_];
  const std::vector<std::byte> record = encode_record(key, top);
  if (const int error = write_at(part.fd, part.end, record); error != 0) {
    // What came of it is torn, and is dropped now or by the next run.
    [[maybe_unused]] const int ignored = ::ftruncate(part.fd, static_cast<off_t>(part.end));
    fail_cache(part.file, "write", error);
  }
  const auto head = parse_record_head(std::span(record).first<kRecordHeadBytes>());
  index_.emplace(key, Place{.part = own_, .record = {*head, part.end + kRecordHeadBytes}});
  part.end += record.size();
}

}  // namespace pangu
