// SPDX-License-Identifier: Apache-2.0
#include "text/bpe_tokenizer.h"

#include <utility>

namespace pangu::text {
namespace {

class BpeTokenizer final : public BasicTokenizer {
 public:
  BpeTokenizer(TokenizerParts parts, BpeStages stages)
      : BasicTokenizer(std::move(parts)),
        normalizer_(std::move(stages.normalizer)),
        pre_tokenizer_(std::move(stages.pre_tokenizer)),
        model_(vocabulary(), stages.merges, stages.options) {
    index_normalized_tokens();
  }

 protected:
  std::string normalize(std::string_view text) const override {
    return run_normalizer(text, normalizer_);
  }

  void encode_stretch(std::string text, bool is_first, std::vector<TokenId>& ids) const override {
    const Words words = pre_tokenize(std::move(text), pre_tokenizer_, is_first);
    for (std::size_t w = 0; w < words.ranges.size(); ++w) model_.encode(words.word(w), ids);
  }

 private:
  std::vector<NormalizerStep> normalizer_;
  std::vector<PreTokenizerStep> pre_tokenizer_;
  BpeModel model_;
};

}  // namespace

std::shared_ptr<const Tokenizer> make_bpe_tokenizer(TokenizerParts parts, BpeStages stages) {
  return std::make_shared<BpeTokenizer>(std::move(parts), std::move(stages));
}

}  // namespace pangu::text
