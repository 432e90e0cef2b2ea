// SPDX-License-Identifier: Apache-2.0
// Which figures a measurement can give. A rate of nothing or a time that is no number would go
// through costs into a choice; checked here, they never reach one, whether a measurement failed or
// somebody edited the database.
#pragma once

#include <string>

#include "adaptive/profile/profile_data.h"

namespace pangu::adaptive {

// Each says what is wrong with the first figure that is none, as "decode is nan, where more than 0
// was expected"; empty where nothing is.
std::string fault(const MachineSpeed& speed);
std::string fault(const TaskFigures& task);
std::string fault(const Footprint& footprint);
/// Of many sequences the rate of prompts may be 0: only that of replies is used.
std::string fault(const SpeedReading& reading);
std::string fault(const DivergenceFigures& divergence);
std::string fault(const AnswerFigures& answer);
std::string fault(const SpeculationFigures& figures);

/// Throws ConfigError for formats of weights or of keys and values that there are not.
void check_formats(const Variant& variant);

}  // namespace pangu::adaptive
