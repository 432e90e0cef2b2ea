// SPDX-License-Identifier: Apache-2.0
#include "text/huggingface/staged_tokenizer.h"

#include <utility>

namespace pangu::text {
namespace {

template <class Model>
class StagedTokenizer final : public BasicTokenizer {
 public:
  template <class ModelParts>
  StagedTokenizer(TokenizerParts parts, TextStages stages, const ModelParts& model)
      : BasicTokenizer(std::move(parts)), stages_(std::move(stages)), model_(vocabulary(), model) {
    index_normalized_tokens();
  }

 protected:
  std::string normalize(std::string_view text, RegexWork& work) const override {
    return run_normalizer(text, stages_.normalizer, work);
  }

  void encode_stretch(std::string text, bool is_first, RegexWork& work,
                      std::vector<TokenId>& ids) const override {
    const Words words = pre_tokenize(std::move(text), stages_.pre_tokenizer, is_first, work);
    for (std::size_t w = 0; w < words.ranges.size(); ++w) model_.encode(words.word(w), ids);
  }

 private:
  TextStages stages_;
  Model model_;
};

}  // namespace

std::shared_ptr<const Tokenizer> make_bpe_tokenizer(TokenizerParts parts, TextStages stages,
                                                    const BpeParts& bpe) {
  return std::make_shared<StagedTokenizer<BpeModel>>(std::move(parts), std::move(stages), bpe);
}

std::shared_ptr<const Tokenizer> make_unigram_tokenizer(TokenizerParts parts, TextStages stages,
                                                        const UnigramParts& unigram) {
  return std::make_shared<StagedTokenizer<UnigramModel>>(std::move(parts), std::move(stages),
                                                         unigram);
}

}  // namespace pangu::text
