// SPDX-License-Identifier: Apache-2.0
// Questions about the world that are harder than those of training. All have an instance, a test
// and a question, and choices of which one is right, as those of training do.
#pragma once

#include "corpus/record.h"
#include "corpus/world.h"

namespace pangu::corpus {

/// The question for a fact, with `count` choices (or fewer, where there are no more) that are true
/// of other entities of the kind: of those with alike names first.
Sample near_question(const World& world, const Fact& fact, std::size_t count, Draw& draw,
                     Language language);

/// Which of `count` sentences about the fact's entity is true; the others tell what is true of
/// entities with alike names.
Sample claims_question(const World& world, const Fact& fact, std::size_t count, Draw& draw,
                       Language language);

/// A question about an entity that is not named but told by another fact: "Where does the river of
/// Hanoburg end?" The choices are as near as those of near_question().
Sample chained_question(const World& world, std::size_t count, Draw& draw, Language language);

}  // namespace pangu::corpus
