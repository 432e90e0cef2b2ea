// SPDX-License-Identifier: Apache-2.0
// How much memory a model of the server takes: weights and the cache of its replies.
#pragma once

#include <cstdint>
#include <filesystem>

#include "models/language_model.h"
#include "pangu/batch.h"
#include "pangu/engine.h"

namespace pangu::serve {

/// Bytes of the weights in memory.
std::int64_t weight_bytes(const LanguageModel& network);

/// Bytes of a model that is loaded and of its draft model, each with a cache of so many positions
/// for its replies.
std::int64_t memory_of(const Engine& engine, std::int64_t cache_positions);

/// What memory_of() will say of one that is not, from config and headers alone: weights in other
/// formats than they are stored in are counted by the bits of these, and no more. Throws what
/// ModelFiles::open() does, ConfigError for a format that is none.
std::int64_t expected_memory(const std::filesystem::path& model, const EngineOptions& engine,
                             const BatchOptions& batch);

}  // namespace pangu::serve
