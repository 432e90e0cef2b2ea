// SPDX-License-Identifier: Apache-2.0
#include "io/folder_names.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

class FolderNames : public ::testing::Test {
 protected:
  test::ScratchDir scratch_;
};

TEST_F(FolderNames, AreSorted) {
  for (const char* name : {"b", "a", ".c"}) test::write_file(scratch_ / name, "x");
  EXPECT_EQ(folder_names(scratch_.path()), (std::vector<std::string>{".c", "a", "b"}));
}

TEST_F(FolderNames, AreNoneWhereThereIsNoFolder) {
  test::write_file(scratch_ / "file", "x");
  EXPECT_TRUE(folder_names(scratch_ / "absent").empty());
  EXPECT_TRUE(folder_names(scratch_ / "file").empty());
  EXPECT_TRUE(folder_names(scratch_ / "file" / "below").empty());
}

/// Gives back what the test takes, however it ends.
class OneDescriptor {
 public:
  OneDescriptor() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int free = ::dup(STDIN_FILENO);
    ::close(free);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(free);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~OneDescriptor() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  OneDescriptor(const OneDescriptor&) = delete;
  OneDescriptor& operator=(const OneDescriptor&) = delete;

 private:
  rlimit before_{};
};

TEST_F(FolderNames, NoDescriptorIsAnErrorAndNotAnEmptyFolder) {
  if (test::kSanitized) GTEST_SKIP() << "the sanitizer needs descriptors of its own";
  test::write_file(scratch_ / "file", "x");
  const OneDescriptor limit;
  try {
    (void)folder_names(scratch_.path());
    FAIL() << "no error";
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find("ulimit -n"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace pangu
