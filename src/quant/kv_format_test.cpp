// SPDX-License-Identifier: Apache-2.0
#include "quant/kv_format.h"

#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(KvFormats, NamesAndTheErrorThatListsThem) {
  for (const KvFormat format : kv_formats()) EXPECT_EQ(require_kv_format(name(format)), format);
  EXPECT_EQ(exact_kv_format(DType::kF32), KvFormat::kF32);
  EXPECT_EQ(exact_kv_format(DType::kBF16), KvFormat::kBF16);
  PANGU_EXPECT_ERROR(require_kv_format("fp8"), ConfigError, "'fp8'", "f32, bf16, int8, int4");
}

}  // namespace
}  // namespace pangu
