// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/features/features.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "adaptive/intent/features/text_features.h"
#include "base/clipped.h"
#include "base/error.h"
#include "ops/host.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/cache/prefix_cache.h"
#include "runtime/prefill_chunk.h"

namespace pangu::adaptive {
namespace {

constexpr std::pair<Block, std::string_view> kBlockNames[] = {
    {kMeanBlock, "mean"}, {kLastBlock, "last"}, {kSurfaceBlock, "surface"}, {kGramBlock, "grams"}};

/// Longest sequence that request_tokens() makes.
constexpr std::int64_t kMostTokens = 1 + kContextTokens + kHeadTokens + kTailTokens;

std::vector<TokenId> plain_tokens(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text, {.add_bos = false, .add_eos = false, .parse_special = false});
}

void append_ids(RequestTokens& to, std::span<const TokenId> ids, float weight) {
  to.ids.insert(to.ids.end(), ids.begin(), ids.end());
  to.weights.resize(to.ids.size(), weight);
}

}  // namespace

std::string block_names(std::uint32_t blocks) {
  std::string names;
  for (const auto& [block, name] : kBlockNames) {
    if ((blocks & block) != 0) names += (names.empty() ? "" : ",") + std::string(name);
  }
  return names;
}

std::uint32_t parse_blocks(std::string_view names, std::string_view where) {
  std::uint32_t blocks = 0;
  for (std::string_view rest = names; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto found = std::find_if(std::begin(kBlockNames), std::end(kBlockNames),
                                    [&](const auto& block) { return block.second == name; });
    if (found == std::end(kBlockNames) || (blocks & found->first) != 0) {
      fail<ConfigError>(
          "[{}] the features \"{}\" are not known, or named twice. Expected some of mean, last, "
          "surface, grams.",
          where, clipped(std::string(names), 60));
    }
    blocks |= found->first;
  }
  if (blocks == 0) {
    fail<ConfigError>("[{}] no features are named. Expected some of mean, last, surface, grams.",
                      where);
  }
  return blocks;
}

std::int64_t feature_width(std::uint32_t blocks, std::int64_t hidden_size) {
  std::int64_t width = 0;
  if ((blocks & kMeanBlock) != 0) width += hidden_size;
  if ((blocks & kLastBlock) != 0) width += hidden_size;
  if ((blocks & kSurfaceBlock) != 0) width += static_cast<std::int64_t>(kSurfaceFeatures);
  if ((blocks & kGramBlock) != 0) width += static_cast<std::int64_t>(kGramFeatures);
  return width;
}

std::vector<float> Features::joined(std::uint32_t blocks, std::int64_t layer) const {
  std::vector<float> all;
  const auto append = [&](const std::vector<float>& block) {
    all.insert(all.end(), block.begin(), block.end());
  };
  if ((blocks & kStreamBlocks) != 0) {
    const auto found = streams.find(layer);
    if (found == streams.end()) {
      fail<ShapeError>(
          "[features] the residual stream behind {} layers was not collected. Name that depth when "
          "features are read.",
          layer);
    }
    if ((blocks & kMeanBlock) != 0) append(found->second.mean);
    if ((blocks & kLastBlock) != 0) append(found->second.last);
  }
  if ((blocks & kSurfaceBlock) != 0) append(surface);
  if ((blocks & kGramBlock) != 0) append(grams);
  return all;
}

RequestTokens request_tokens(const Tokenizer& tokenizer, const Request& request) {
  RequestTokens out;
  if (const auto bos = tokenizer.bos_id()) append_ids(out, std::span(&*bos, 1), 0.0f);
  if (!request.context.empty()) {
    const std::vector<TokenId> before = plain_tokens(tokenizer, request.context);
    const std::size_t n = std::min(before.size(), static_cast<std::size_t>(kContextTokens));
    append_ids(out, std::span(before).last(n), kContextWeight);
  }
  const std::vector<TokenId> own = plain_tokens(tokenizer, request.text);
  if (own.size() <= static_cast<std::size_t>(kHeadTokens + kTailTokens)) {
    append_ids(out, own, 1.0f);
  } else {
    append_ids(out, std::span(own).first(kHeadTokens), 1.0f);
    append_ids(out, std::span(own).last(kTailTokens), 1.0f);
  }
  if (own.empty()) {
    fail<InputError>("[intent] a request has no text. Ask something.");
  }
  return out;
}

FeatureReader::FeatureReader(const Model& model, Context& ctx, std::vector<std::int64_t> layers)
    : model_(model), ctx_(ctx), layers_(std::move(layers)) {
  std::sort(layers_.begin(), layers_.end());
  layers_.erase(std::unique(layers_.begin(), layers_.end()), layers_.end());
  const std::int64_t all = model.config().n_layers;
  for (const std::int64_t layer : layers_) {
    if (layer >= 1 && layer <= all) continue;
    fail<ConfigError>(
        "[intent] features behind layer {} were asked for; the model has {} layers. 1 to {} was "
        "expected.",
        layer, all, all);
  }
  if (!layers_.empty() && !model.tokenizer) {
    fail<ConfigError>("[intent] {} has no tokenizer, so no text can be read with it.",
                      model.path.string());
  }
}

Features FeatureReader::read(const Request& request) {
  return std::move(read(std::span(&request, 1)).front());
}

std::vector<Features> FeatureReader::read(std::span<const Request> requests,
                                          const std::function<void(std::size_t)>& on_done) {
  std::vector<Features> features(requests.size());
  std::size_t done = 0;
  while (done < requests.size()) {
    std::vector<RequestTokens> batch;
    std::int64_t rows = 0;
    const std::size_t begin = done;
    while (done < requests.size() && (batch.empty() || rows + kMostTokens <= kPrefillChunk)) {
      const Request& request = requests[done];
      features[done].surface = surface_features(request);
      features[done].grams = gram_features(request);
      ++done;
      if (layers_.empty()) continue;
      batch.push_back(request_tokens(*model_.tokenizer, request));
      rows += static_cast<std::int64_t>(batch.back().ids.size());
    }
    run(batch, std::span(features).subspan(begin, done - begin));
    if (on_done) on_done(done);
  }
  return features;
}

void FeatureReader::run(std::span<const RequestTokens> all, std::span<Features> features) {
  if (all.empty()) return;
  std::int64_t positions = 0;
  for (const RequestTokens& request : all) {
    positions += whole_pages_around(static_cast<std::int64_t>(request.ids.size()));
  }
  KvCache cache(model_.network->kv_shape(exact_kv_format(ctx_.dtype())), positions,
                ctx_.shared_device());
  Batch batch;
  for (const RequestTokens& request : all) {
    cache.append(cache.create(), request.ids, Logits::kNone, batch);
  }
  std::vector<LayerStream> streams;
  for (const std::int64_t layer : layers_) streams.push_back({.layers = layer});
  model_.network->forward(batch, cache.storage(), ctx_, {.streams = streams, .streams_only = true});
  tokens_ += batch.size();
  for (const LayerStream& stream : streams) {
    const Tensor states = to_host(stream.states);
    std::int64_t row = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto n = static_cast<std::int64_t>(all[i].ids.size());
      StreamSum sum(states.dim(1));
      sum.add(states.rows(row, n), all[i].weights);
      features[i].streams[stream.layers] = {sum.mean(), sum.last()};
      row += n;
    }
  }
}

}  // namespace pangu::adaptive
