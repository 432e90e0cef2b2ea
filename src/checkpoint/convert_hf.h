// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/thread_pool.h"
#include "checkpoint/convert_options.h"
#include "models/model_files.h"

namespace pangu {

/// Writes a model as a Hugging Face folder, completely or not at all.
ConvertReport write_hf_model(const ModelFiles& model, const std::filesystem::path& out,
                             const ConvertOptions& options, ThreadPool& threads);

}  // namespace pangu
