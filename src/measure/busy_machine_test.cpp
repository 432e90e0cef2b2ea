// SPDX-License-Identifier: Apache-2.0
#include "measure/busy_machine.h"

#include <gmock/gmock.h>

namespace pangu {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(BusyMachine, SaysWhatOthersTook) {
  EXPECT_THAT(busy_remark(OtherLoad{.steal = 0.004, .others = 0.25}),
              Optional(AllOf(HasSubstr("other processes took 25.0%"), HasSubstr("0.4% (steal)"))));
  EXPECT_THAT(busy_remark(OtherLoad{.steal = 0.081, .others = 0}),
              Optional(HasSubstr("hypervisor 8.1%")));
}

TEST(BusyMachine, SaysNothingOfAQuietOrSilentOne) {
  EXPECT_FALSE(busy_remark(OtherLoad{.steal = 0.004, .others = 0.02}));
  EXPECT_FALSE(busy_remark(std::nullopt));
}

}  // namespace
}  // namespace pangu
