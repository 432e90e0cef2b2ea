// SPDX-License-Identifier: Apache-2.0
#include "eval/windows.h"

#include <algorithm>

#include "base/error.h"

namespace pangu::eval {
namespace {

/// The token before the first one, so that every token of the text is scored.
TokenId start_token(const Model& model) {
  if (model.tokenizer->bos_id()) return *model.tokenizer->bos_id();
  const std::vector<TokenId> eos = model.eos_ids();
  if (!eos.empty()) return eos.front();
  fail<ConfigError>(
      "[eval] {} has neither a beginning-of-text nor an end-of-text token, so nothing can stand "
      "before the first token of a text.",
      model.path.string());
}

}  // namespace

Windows windows_of(const Model& model, const EvalOptions& o) {
  const std::int64_t context = o.context > 0 ? o.context : default_context(model.config());
  const std::int64_t size = o.window > 0 ? o.window : std::min<std::int64_t>(context, 2048);
  const std::int64_t stride = o.stride > 0 ? o.stride : std::max<std::int64_t>(size / 2, 1);
  if (stride > size) {
    fail<ConfigError>(
        "[eval] a stride of {} tokens is larger than the window of {}: the tokens between would "
        "not be scored. Use --stride {} or less.",
        stride, size, size);
  }
  return {size, stride};
}

std::vector<TokenId> tokens_of_text(const Model& model, std::string_view text) {
  std::vector<TokenId> ids{start_token(model)};
  const auto own =
      model.tokenizer->encode(text, {.add_bos = false, .add_eos = false, .parse_special = false});
  ids.insert(ids.end(), own.begin(), own.end());
  return ids;
}

std::vector<ScoredText> cut_windows(std::span<const TokenId> ids, const Windows& w) {
  std::vector<ScoredText> windows;
  const auto n = static_cast<std::int64_t>(ids.size());
  // A window looks at `size` tokens and scores the ones after them: ids begin to end.
  for (std::int64_t scored = 0; scored + 1 < n;) {
    const std::int64_t end = std::min(n, scored + 1 + (scored == 0 ? w.size : w.stride));
    const std::int64_t begin = std::max<std::int64_t>(0, end - 1 - w.size);
    windows.push_back(
        {.ids = {ids.begin() + begin, ids.begin() + end}, .from = scored + 1 - begin});
    scored = end - 1;
  }
  return windows;
}

}  // namespace pangu::eval
