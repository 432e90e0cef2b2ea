// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/convert.h"

#include "base/error.h"
#include "checkpoint/convert_gguf.h"
#include "checkpoint/convert_hf.h"

namespace pangu {

ConvertTarget convert_target(const std::string& to, const std::filesystem::path& out) {
  if (to == "gguf") return ConvertTarget::kGguf;
  if (to == "hf") return ConvertTarget::kHuggingFace;
  if (!to.empty()) {
    fail<ConfigError>("[convert] '{}' is no form of a model. Known: gguf, hf.", to);
  }
  return out.extension() == ".gguf" ? ConvertTarget::kGguf : ConvertTarget::kHuggingFace;
}

ConvertReport convert_model(const std::filesystem::path& in, const std::filesystem::path& out,
                            const ConvertOptions& options, ThreadPool& threads) {
  const ModelFiles model = ModelFiles::open(in);
  if (options.target == ConvertTarget::kGguf) {
    return write_gguf_model(model, out, options, threads);
  }
  if (!model.gguf) {
    fail<InputError>(
        "[convert] {} is a Hugging Face folder, and {} would be one too. To change its formats use "
        "`pangu quantize`; for a GGUF file give a name that ends in .gguf, or --to gguf.",
        in.string(), out.string());
  }
  return write_hf_model(model, out, options, threads);
}

}  // namespace pangu
