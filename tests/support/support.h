// SPDX-License-Identifier: Apache-2.0
// What tests share: seeds that can be replayed, the shared data folder, scratch folders.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "pangu/error.h"

namespace pangu::test {

/// Seed of this run: PANGU_TEST_SEED, or a fixed one, so that every failure replays.
inline std::uint64_t seed() {
  const char* text = std::getenv("PANGU_TEST_SEED");
  return text ? std::strtoull(text, nullptr, 10) : 20261121;
}

/// How much of something a test does: the number in an environment variable, or the default one.
/// docs/testing.md names the variables and the numbers of long runs.
inline std::int64_t number_from(const char* variable, std::int64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoll(text, nullptr, 10) : otherwise;
}

/// Whether this is a build with sanitizers, where what takes seconds takes minutes: tests that
/// repeat something over sizes or rounds then take fewer of them.
#if defined(__has_feature)
#define PANGU_HAS_FEATURE(x) __has_feature(x)
#else
#define PANGU_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_THREAD__) || PANGU_HAS_FEATURE(thread_sanitizer)
inline constexpr bool kThreadSanitized = true;
#else
inline constexpr bool kThreadSanitized = false;
#endif
#if defined(__SANITIZE_ADDRESS__) || PANGU_HAS_FEATURE(address_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = kThreadSanitized;
#endif

/// Whether this runs in an emulator of another processor (cmake/aarch64.cmake).
inline bool emulated() {
  return std::getenv("PANGU_TEST_EMULATED") != nullptr;
}

/// Whether this run is slow for another reason, too: a device of the tests
/// (tests/support/test_device.cpp) runs the reference kernels, or an emulator the whole program.
inline bool takes_fewer() {
  return kSanitized || std::getenv("PANGU_TEST_DEVICE") != nullptr || emulated();
}

/// Folder of the shared models and goldens (PANGU_SHARED or ../shared beside the checkout), or an
/// empty path when there is none. Always absolute, so that no test depends on how it was found.
inline std::filesystem::path shared_dir() {
  namespace fs = std::filesystem;
  if (const char* text = std::getenv("PANGU_SHARED")) return fs::absolute(text);
  for (const char* candidate : {"../shared", "../../shared", "../../../shared"}) {
    if (fs::exists(fs::path(candidate) / "golden")) return fs::canonical(candidate);
  }
  return {};
}

/// A folder of its own for one test, removed afterwards.
class ScratchDir {
 public:
  ScratchDir() {
    std::string name = (std::filesystem::temp_directory_path() / "pangu-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ScratchDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace pangu::test

/// Leaves the test, counted as skipped and with the reason, when the shared data is absent.
#define PANGU_NEEDS_SHARED_DATA()                                                            \
  if (pangu::test::shared_dir().empty()) {                                                   \
    GTEST_SKIP() << "needs the shared models and goldens: set PANGU_SHARED to their folder"; \
  }                                                                                          \
  static_assert(true)

/// Leaves a test that forks, counted as skipped, where that does not work.
#define PANGU_NEEDS_FORK()                                             \
  if (pangu::test::kThreadSanitized) {                                 \
    GTEST_SKIP() << "ThreadSanitizer does not follow forked children"; \
  }                                                                    \
  static_assert(true)

/// Leaves a test of what an emulator does not pass on, counted as skipped: limits of memory, files
/// of /proc, programs of the host.
#define PANGU_NEEDS_NO_EMULATOR(what)                           \
  if (pangu::test::emulated()) GTEST_SKIP() << what " in qemu"; \
  static_assert(true)

/// Runs `statement`, which must throw `type`, and checks that the message has each given part.
#define PANGU_EXPECT_ERROR(statement, type, ...)                 \
  do {                                                           \
    try {                                                        \
      statement;                                                 \
      ADD_FAILURE() << "no " #type " was thrown by " #statement; \
    } catch (const type& error) {                                \
      const std::string message = error.what();                  \
      for (const std::string part : {__VA_ARGS__}) {             \
        EXPECT_NE(message.find(part), std::string::npos)         \
            << "'" << part << "' is not in: " << message;        \
      }                                                          \
    }                                                            \
  } while (false)
