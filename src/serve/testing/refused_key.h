// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "serve/api_error.h"

namespace pangu::test {

/// The key for which `work` refuses a request; fails the test if it does not, with status 400.
template <class Work>
std::string refused_key(Work work) {
  try {
    work();
  } catch (const serve::ApiError& error) {
    EXPECT_EQ(error.status, 400);
    EXPECT_STRNE(error.what(), "");
    return error.param;
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

}  // namespace pangu::test
