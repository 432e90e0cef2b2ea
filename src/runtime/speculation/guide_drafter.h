// SPDX-License-Identifier: Apache-2.0
// What the grammar of a reply makes likely: the usual spelling of text that must come.
#pragma once

#include "runtime/speculation/drafter.h"

namespace pangu {

std::unique_ptr<Drafter> make_guide_drafter();

}  // namespace pangu
