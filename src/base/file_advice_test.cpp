// SPDX-License-Identifier: Apache-2.0
#include "base/file_advice.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace pangu {
namespace {

TEST(FileAdvice, NamesTheLimitThatIsTheCause) {
  EXPECT_NE(file_advice(EMFILE).find("ulimit -n"), std::string_view::npos);
  EXPECT_NE(file_advice(EFBIG).find("ulimit -f"), std::string_view::npos);
  EXPECT_NE(file_advice(ENOMEM).find("ulimit -v"), std::string_view::npos);
  EXPECT_NE(file_advice(ENOSPC).find("Free space"), std::string_view::npos);
  EXPECT_NE(file_advice(EROFS).find("read-only"), std::string_view::npos);
  EXPECT_EQ(file_advice(ENOENT), "Check the path and permissions.");
}

TEST(FileAdvice, NoRoomIsAFullDiskAQuotaOrALimit) {
  for (const int error : {ENOSPC, EDQUOT, EFBIG}) EXPECT_TRUE(is_out_of_room(error));
  for (const int error : {EMFILE, EACCES, 0}) EXPECT_FALSE(is_out_of_room(error));
}

}  // namespace
}  // namespace pangu
