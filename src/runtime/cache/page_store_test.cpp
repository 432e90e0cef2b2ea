// SPDX-License-Identifier: Apache-2.0
// Pages on disk: what comes back is what went, or nothing, whatever happened to the files.
#include "runtime/cache/page_store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <mutex>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStoredBytes = 1000;

std::vector<TokenId> stored_tokens(TokenId first, std::size_t n = 32) {
  std::vector<TokenId> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = first + static_cast<TokenId>(i);
  return out;
}

std::vector<std::byte> stored_page(int value) {
  return std::vector<std::byte>(kStoredBytes, static_cast<std::byte>(value));
}

void save_page(PageStore& store, const PageKey& key, int value) {
  store.save(key, [&](std::span<std::byte> out) {
    std::ranges::fill(out, static_cast<std::byte>(value));
  });
}

class PageStoreTest : public testing::Test {
 protected:
  PageStoreOptions options(std::uint64_t max_bytes = 1 << 20) {
    return {.folder = dir_.path() / "cache",
            .identity = "model",
            .page_bytes = kStoredBytes,
            .max_bytes = max_bytes,
            .on_failure = [this](const std::string& text) {
              const std::lock_guard lock(mutex_);
              failures_.push_back(text);
            }};
  }

  static std::optional<std::vector<std::byte>> load(PageStore& store, const PageKey& key) {
    std::vector<std::byte> page(kStoredBytes);
    if (!store.load(key, page)) return std::nullopt;
    return page;
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
      if (entry.path().extension() == ".kvpage") out.push_back(entry.path());
    }
    return out;
  }

  test::ScratchDir dir_;
  std::mutex mutex_;
  std::vector<std::string> failures_;
};

TEST_F(PageStoreTest, GivesBackWhatWasSavedAlsoToTheNextProcess) {
  const auto tokens = stored_tokens(5, 64);
  const PageKey key{.salt = "a", .tokens = tokens};
  {
    PageStore store(options());
    EXPECT_FALSE(store.has(key));
    save_page(store, key, 7);
    store.flush();
    EXPECT_TRUE(store.has(key));
    EXPECT_EQ(load(store, key), stored_page(7));
    save_page(store, {.salt = "a", .tokens = std::span(tokens).first(32)}, 8);
  }  // what waits is written
  PageStore store(options());
  EXPECT_EQ(load(store, key), stored_page(7));
  EXPECT_EQ(load(store, {.salt = "a", .tokens = std::span(tokens).first(32)}), stored_page(8));
  EXPECT_FALSE(load(store, {.salt = "", .tokens = tokens}));
  EXPECT_FALSE(load(store, {.salt = "a", .tokens = std::span(tokens).last(32)}));
  auto other = options();
  other.identity = "another";
  PageStore another(other);
  EXPECT_FALSE(load(another, key));
}

TEST_F(PageStoreTest, DamagedFilesAreRemovedAndGiveNothing) {
  const auto tokens = stored_tokens(5);
  const PageKey key{.salt = "", .tokens = tokens};
  PageStore store(options());
  for (std::size_t damage = 0; damage < 6; ++damage) {
    SCOPED_TRACE(damage);
    save_page(store, key, 7);
    store.flush();
    ASSERT_EQ(files().size(), 1u);
    const fs::path file = files().front();
    const auto size = fs::file_size(file);
    if (damage == 0) {
      fs::resize_file(file, size - 1);
    } else if (damage == 1) {
      fs::resize_file(file, 0);
    } else if (damage == 2) {
      fs::resize_file(file, size + 1);
    } else {  // a bit of the magic, of the tokens, of the page
      std::fstream edit(file, std::ios::binary | std::ios::in | std::ios::out);
      edit.seekg(damage == 3 ? 3 : damage == 4 ? 40 : 500);
      const int byte = edit.peek();
      edit.put(static_cast<char>(byte ^ 1));
    }
    EXPECT_FALSE(load(store, key));
    EXPECT_TRUE(files().empty());
  }
  EXPECT_EQ(store.stats().damaged, 6);
}

TEST_F(PageStoreTest, TokensOfTheSameHashAreToldApart) {
  const auto one = stored_tokens(5), two = stored_tokens(50);
  PageStore store(options());
  save_page(store, {.salt = "", .tokens = one}, 1);
  store.flush();
  const fs::path file = files().front();
  save_page(store, {.salt = "", .tokens = two}, 2);
  store.flush();
  for (const fs::path& other : files()) {
    if (other != file) fs::copy_file(file, other, fs::copy_options::overwrite_existing);
  }
  EXPECT_FALSE(load(store, {.salt = "", .tokens = two}));
  EXPECT_EQ(load(store, {.salt = "", .tokens = one}), stored_page(1));
}

TEST_F(PageStoreTest, WhatWasUsedLongestAgoGoesFirst) {
  constexpr int kFits = 16;
  const std::uint64_t room = kFits * (kStoredBytes + 200);
  {
    PageStore store(options(1 << 30));
    for (TokenId i = 0; i < 24; ++i) {
      save_page(store, {.salt = "", .tokens = stored_tokens(i * 100)}, i);
    }
    store.flush();
    // In the order of their numbers, but that the first was used last.
    const auto now = fs::file_time_type::clock::now();
    for (const fs::path& file : files()) {
      std::ifstream in(file, std::ios::binary);
      TokenId first = 0;
      in.seekg(32);
      in.read(reinterpret_cast<char*>(&first), sizeof(first));
      fs::last_write_time(file, now - std::chrono::seconds(1000 - first / 100));
    }
    EXPECT_TRUE(load(store, {.salt = "", .tokens = stored_tokens(0)}));
  }
  PageStore store(options(room));
  EXPECT_LE(files().size(), static_cast<std::size_t>(kFits));
  EXPECT_GE(files().size(), static_cast<std::size_t>(kFits / 2));
  EXPECT_TRUE(store.has({.salt = "", .tokens = stored_tokens(0)}));
  EXPECT_FALSE(store.has({.salt = "", .tokens = stored_tokens(100)}));
  EXPECT_TRUE(store.has({.salt = "", .tokens = stored_tokens(2300)}));
  // And while it is written to.
  for (TokenId i = 100; i < 130; ++i) {
    save_page(store, {.salt = "", .tokens = stored_tokens(i * 100)}, i);
  }
  store.flush();
  EXPECT_LE(files().size(), static_cast<std::size_t>(kFits));
}

TEST_F(PageStoreTest, FailuresAreToldOnceAndEverythingElseGoesOn) {
  PageStore store(options());
  fs::remove_all(dir_.path() / "cache");
  for (TokenId i = 0; i < 10; ++i) {
    save_page(store, {.salt = "", .tokens = stored_tokens(i)}, i);
  }
  store.flush();
  EXPECT_EQ(store.stats().skipped, 10);
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_THAT(failures_[0], testing::HasSubstr("cache"));
}

TEST_F(PageStoreTest, AFolderThatCannotBeWrittenToIsAnErrorAtOnce) {
  std::ofstream(dir_.path() / "cache") << "a file";
  EXPECT_THROW(PageStore{options()}, FileError);
}

}  // namespace
}  // namespace pangu
