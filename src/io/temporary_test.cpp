// SPDX-License-Identifier: Apache-2.0
#include "io/temporary.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "io/atomic_file.h"
#include "io/atomic_folder.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> hidden_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".pangu-")) names.push_back(name);
  }
  return names;
}

/// A number that no process has: that of a child that has ended.
pid_t number_of_nobody() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

TEST(Temporary, IsRemovedUnlessKept) {
  const test::ScratchDir dir;
  for (const auto kind : {Temporary::Kind::kFile, Temporary::Kind::kFolder}) {
    {
      const Temporary made(dir.path(), kind);
      EXPECT_EQ(made.error(), 0);
      EXPECT_EQ(fs::is_directory(made.path()), kind == Temporary::Kind::kFolder);
    }
    EXPECT_TRUE(hidden_names(dir.path()).empty());
    fs::path kept;
    {
      Temporary made(dir.path(), kind);
      kept = made.path();
      made.keep();
    }
    EXPECT_TRUE(fs::exists(kept));
    fs::remove_all(kept);
  }
  EXPECT_NE(Temporary(dir / "missing", Temporary::Kind::kFile).error(), 0);
}

TEST(Temporary, WhatKilledProcessesLeftIsRemovedByTheNextAndNothingElse) {
  PANGU_NEEDS_FORK();
  const test::ScratchDir dir;
  const std::string dead = std::to_string(number_of_nobody());
  test::write_file(dir / (".pangu-" + dead + "-1.tmp"), "half a file");
  test::write_file(dir / (".pangu-" + dead + "-2.tmp/inner"), "half a folder");
  const std::string living = std::to_string(::getppid());
  const std::vector<std::string> others = {
      ".pangu-" + living + "-1.tmp", ".pangu-" + dead + "-x.tmp", ".pangu-" + dead + ".tmp",
      ".pangu-" + dead + "-1.tmp.txt", "pangu-" + dead + "-1.tmp"};
  for (const std::string& name : others) test::write_file(dir / name, "kept");
  write_file_atomically(dir / "out", "text");
  EXPECT_FALSE(fs::exists(dir / (".pangu-" + dead + "-1.tmp")));
  EXPECT_FALSE(fs::exists(dir / (".pangu-" + dead + "-2.tmp")));
  for (const std::string& name : others) EXPECT_TRUE(fs::exists(dir / name)) << name;
}

TEST(Temporary, ALockHeldElsewhereKeepsItThoughTheNumberIsUnknown) {
  PANGU_NEEDS_FORK();
  const test::ScratchDir dir;
  // As one that a process of another container works on, which has a number we cannot see.
  fs::create_directory(dir / "other");
  const Temporary theirs(dir / "other", Temporary::Kind::kFolder);
  const fs::path name = dir / fmt::format(".pangu-{}-1.tmp", number_of_nobody());
  fs::rename(theirs.path(), name);
  const pid_t child = ::fork();
  if (child == 0) {
    const AtomicFolder folder(dir / "out");
    ::_exit(fs::exists(name) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Temporary, AProgramThatMustEndCanRemoveItsOwn) {
  PANGU_NEEDS_FORK();
  const test::ScratchDir dir;
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(dir / "file");
    file.write("half");
    const AtomicFolder folder(dir / "folder");
    write_file_atomically(folder.path() / "inner", "half");
    if (hidden_names(dir.path()).size() != 2) ::_exit(2);
    Temporary::remove_all();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(hidden_names(dir.path()).empty());
}

}  // namespace
}  // namespace pangu
