// SPDX-License-Identifier: Apache-2.0
#include "adaptive/route/classifier.h"

#include <system_error>

#include "base/error.h"
#include "io/bundle_default.h"
#include "io/locate_model.h"

namespace pangu::adaptive {
namespace {

Recogniser recogniser_of(const Model& model, Context& ctx) {
  const std::filesystem::path probe = probe_beside(model);
  return {model, ctx, load_probe(probe), probe.string()};
}

}  // namespace

Classifier::Classifier(const std::filesystem::path& model, const ContextOptions& options)
    : ctx_(options),
      model_(load_model(model, {.need_tokenizer = true}, ctx_)),
      recogniser_(recogniser_of(model_, ctx_)) {}

std::filesystem::path usual_classifier(const std::filesystem::path& model) {
  std::error_code error;
  std::filesystem::path folder = locate_model(model);
  if (std::filesystem::exists(folder / kProbeFile, error)) return folder;
  return find_bundled_model("pangu-nano");
}

std::filesystem::path classifier_of(const Bundle& bundle) {
  if (bundle.intent.empty()) {
    fail<ConfigError>(
        "[route] {} has no model that recognises requests. Make the bundle anew with pangu "
        "optimize --intent MODEL, or leave --auto out.",
        bundle.folder.string());
  }
  std::filesystem::path folder = bundle.intent_folder();
  std::error_code error;
  if (!std::filesystem::exists(folder / kProbeFile, error)) {
    fail<FileError>(
        "[route] {} names {} for recognising requests, which does not exist: it was changed. Make "
        "the bundle anew with pangu optimize.",
        (bundle.folder / kBundleFile).string(), (folder / kProbeFile).string());
  }
  return folder;
}

}  // namespace pangu::adaptive
