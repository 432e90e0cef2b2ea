// SPDX-License-Identifier: Apache-2.0
// Sentences that stand before a question and have nothing to do with it.
#pragma once

#include <string>

#include "corpus/wording.h"

namespace pangu::corpus {

struct Scene {
  std::string text;      ///< ends in what separates it from the next sentence
  std::string instance;  ///< which sentences, with their numbers
};

/// `count` different sentences; `has_numbers` says whether some may tell a number.
Scene draw_scene(Draw& draw, Language language, int count, bool has_numbers);

}  // namespace pangu::corpus
