// SPDX-License-Identifier: Apache-2.0
// Databases that somebody edited: figures that no measurement gives never reach a choice.
#include "adaptive/profile/profile_check.h"

#include <gtest/gtest.h>

#include <vector>

#include "adaptive/testing/whole_profile.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

struct Edit {
  const char* sql;
  const char* what;   ///< that the message names
  const char* wrong;  ///< what it says about it
};

const Edit kEdits[] = {
    {"UPDATE profile SET bandwidth = NULL", "machine", "missing"},
    {"UPDATE profile SET bandwidth = 0", "machine", "bandwidth is 0"},
    {"UPDATE profile SET peak = -1", "machine", "peak is -1"},
    {"UPDATE profile SET threads = 'two'", "threads", "text"},
    {"UPDATE task SET items = -5 WHERE id = 2", "task 2", "items is -5"},
    {"UPDATE task SET items = 1.5", "items", "a number"},
    {"UPDATE task SET chance = 'half'", "chance", "text"},
    {"UPDATE task SET chance = 9e999", "task 1", "chance is inf"},
    {"UPDATE task SET kind = ''", "task", "kind is empty"},
    {"UPDATE variant SET format = 'w7a7' WHERE id = 2", "variant 2", "w7a7"},
    {"UPDATE variant SET kv = 'int9' WHERE id = 2", "variant 2", "int9"},
    {"UPDATE variant SET source = x'00ff' WHERE id = 3", "source", "bytes"},
    {"UPDATE variant SET resident_bytes = NULL WHERE id = 3", "variant 3", "1 of its 4"},
    {"UPDATE variant SET load_s = NULL WHERE id = 3", "variant 3", "1 of its 4"},
    {"UPDATE variant SET resident_bytes = 0", "variant 1", "resident_bytes is 0"},
    {"UPDATE variant SET weight_bytes = -1", "variant", "weight_bytes is -1"},
    {"UPDATE variant SET load_s = -1 WHERE id = 1", "variant 1", "load_s is -1"},
    {"UPDATE variant SET position_bytes = 'much' WHERE id = 1", "position_bytes", "text"},
    {"UPDATE variant SET kl_mean = NULL WHERE id = 3", "variant 3", "1 of its 5"},
    {"UPDATE variant SET kl_low = -9e999 WHERE id = 3", "variant 3", "kl_low is -inf"},
    {"UPDATE variant SET kl_same_top = 2 WHERE id = 3", "variant 3", "kl_same_top is 2"},
    {"UPDATE variant SET kl_positions = 0 WHERE id = 3", "variant 3", "kl_positions is 0"},
    {"UPDATE speed SET decode = 0 WHERE variant = 3", "variant 3", "decode is 0"},
    {"UPDATE speed SET decode = -9.5", "variant 1", "decode is -9.5"},
    {"UPDATE speed SET prefill = 0", "variant 1", "prefill is 0"},
    {"UPDATE speed SET prefill = 'fast'", "prefill", "text"},
    {"UPDATE speed SET prefill = 9e999", "variant 1", "prefill is inf"},
    {"UPDATE speed SET reference_decode = -1", "variant 1", "reference_decode is -1"},
    {"UPDATE speed SET prompt_tokens = 0 WHERE batch = 8 AND variant = 1", "variant 1",
     "prompt_tokens is 0"},
    {"UPDATE speed SET batch = 0 WHERE batch = 8", "variant", "batch is 0"},
    {"UPDATE answer SET thinking = 'deeply' WHERE thinking = 'fast'", "answers", "deeply"},
    {"UPDATE answer SET value = 3 WHERE variant = 3", "variant 3", "value is 3"},
    {"UPDATE answer SET value = 'right'", "value", "text"},
    {"UPDATE answer SET reply_tokens = -1", "variant 1", "reply_tokens is -1"},
    {"UPDATE answer SET item = -item WHERE item = 1", "variant 1", "item is -1"},
    {"UPDATE speculation SET mode = 'magic' WHERE task = 2", "task 2", "magic"},
    {"UPDATE speculation SET mode = 'off' WHERE task = 2", "task 2", "mode is off"},
    {"UPDATE speculation SET thinking = 'x' WHERE task = 2", "task 2", "x"},
    {"UPDATE speculation SET speed_up = 0", "task 1", "speed_up is 0"},
    {"UPDATE speculation SET high = -1", "task 1", "high is -1"},
    {"DROP TABLE speed", "p.db", "no such table: speed"},
    {"ALTER TABLE answer DROP COLUMN value", "p.db", "no such column: value"},
};

TEST(ProfileCheck, EditedFiguresAreErrorsThatNameThem) {
  const test::ScratchDir dir;
  const auto file = dir / "p.db";
  for (const Edit& edit : kEdits) {
    SCOPED_TRACE(edit.sql);
    test_data::make_whole_profile(file);
    Database(file, Access::kWrite, kProfileApplication, profile_migrations()).run(edit.sql);
    PANGU_EXPECT_ERROR(ProfileStore(file, Access::kRead).load(1), FileError, "p.db", edit.what,
                       edit.wrong, "ove th");  // move the file, or this one, away
  }
}

TEST(ProfileCheck, FiguresAtTheirBoundsAreFigures) {
  for (const VariantFigures& v : test_data::whole_profile().variants) {
    if (v.footprint) {
      EXPECT_EQ(fault(*v.footprint), "");
    }
    if (v.divergence) {
      EXPECT_EQ(fault(*v.divergence), "");
    }
    for (const SpeedReading& reading : v.speed) EXPECT_EQ(fault(reading), "");
  }
  EXPECT_EQ(fault(Footprint{0, 1, 0, 0}), "");
  EXPECT_EQ(fault(SpeedReading{1, 1, 1e-9, 1e-9, 0, 0, ""}), "");
  EXPECT_EQ(fault(SpeedReading{1, 2, 0, 1e-9, 0, 0, ""}), "");  // only replies were measured
  EXPECT_EQ(fault(DivergenceFigures{0, 0, 0, 0, 1}), "");
  EXPECT_EQ(fault(DivergenceFigures{0, 0, 0, 1, 1}), "");
  EXPECT_EQ(fault(AnswerFigures{0, 0, 0, 0}), "");
  EXPECT_EQ(fault(AnswerFigures{0, 1, 0, 0}), "");
  EXPECT_EQ(fault(TaskFigures{.kind = "k"}), "");
}

}  // namespace
}  // namespace pangu::adaptive
