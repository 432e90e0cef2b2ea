// SPDX-License-Identifier: Apache-2.0
// Pangu Ultra's decoder against the formulas of the paper, written down once more in double: norms
// before and behind each branch (arXiv:2504.07866).
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "models/config/config_shapes.h"
#include "models/weights/trainable_model.h"
#include "ops/host.h"
#include "ops/linear.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using Vector = std::vector<double>;
using Rows = std::vector<Vector>;

/// A model of two layers: 2 query heads on 1 key/value head of 4, hidden size 8.
ModelConfig small_ultra() {
  ModelConfig c = *named_shape("pangu-ultra-135b");
  c.hidden_size = 8, c.n_layers = 2, c.n_heads = 2, c.n_kv_heads = 1, c.head_dim = 4;
  c.intermediate_size = {12, 10}, c.vocab_size = 11, c.rope.theta = 100;
  return c;
}

class PaperDecoder {
 public:
  PaperDecoder(const ModelConfig& config, const TrainableModel& model) : c_(config) {
    for (const TrainableTensor& t : model.tensors()) {
      Rows& rows = tensors_[t.spec.name];
      const float* x = t.value.data<float>();
      const int64_t k = t.spec.is_matrix() ? t.spec.k : 1;
      for (int64_t r = 0; r < t.spec.rows; ++r, x += k) rows.emplace_back(x, x + k);
    }
  }

  Rows logits(const std::vector<TokenId>& tokens) const {
    Rows x;
    for (const TokenId id : tokens) x.push_back(tensors_.at("model.embed_tokens.weight").at(id));
    for (int64_t l = 0; l < c_.n_layers; ++l) run_layer(x, l);
    Rows out;
    for (const Vector& v : x) out.push_back(times("lm_head", norm("model.norm", v)));
    return out;
  }

 private:
  Vector norm(const std::string& name, const Vector& x) const {
    double squares = 0;
    for (const double v : x) squares += v * v;
    const double scale = 1 / std::sqrt(squares / double(x.size()) + c_.rms_norm_eps);
    Vector y;
    for (std::size_t i = 0; i < x.size(); ++i) {
      y.push_back(tensors_.at(name + ".weight")[i][0] * x[i] * scale);
    }
    return y;
  }

  Vector times(const std::string& name, const Vector& x) const {
    Vector y;
    for (const Vector& row : tensors_.at(name + ".weight")) {
      y.push_back(std::inner_product(row.begin(), row.end(), x.begin(), 0.0));
    }
    return y;
  }

  /// Heads of 4 elements, element i turned with element i + 2.
  static Vector rope(Vector x, double position) {
    for (std::size_t head = 0; head < x.size(); head += 4) {
      for (std::size_t i = 0; i < 2; ++i) {
        const double angle = position * std::pow(100.0, -2.0 * double(i) / 4.0);
        const double a = x[head + i], b = x[head + i + 2];
        x[head + i] = a * std::cos(angle) - b * std::sin(angle);
        x[head + i + 2] = b * std::cos(angle) + a * std::sin(angle);
      }
    }
    return x;
  }

  Vector attention(const Rows& q, const Rows& k, const Rows& v, std::size_t t) const {
    Vector out;
    for (std::size_t head = 0; head < 2; ++head) {
      Vector p;
      for (std::size_t s = 0; s <= t; ++s) {
        const auto from = q[t].begin() + std::ptrdiff_t(4 * head);
        p.push_back(std::exp(std::inner_product(from, from + 4, k[s].begin(), 0.0) / 2));
      }
      const double sum = std::accumulate(p.begin(), p.end(), 0.0);
      for (std::size_t i = 0; i < 4; ++i) {
        double value = 0;
        for (std::size_t s = 0; s <= t; ++s) value += p[s] / sum * v[s][i];
        out.push_back(value);
      }
    }
    return out;
  }

  void run_layer(Rows& x, int64_t l) const {
    const std::string layer = "model.layers." + std::to_string(l) + ".";
    Rows q, k, v;
    for (std::size_t t = 0; t < x.size(); ++t) {
      const Vector h = norm(layer + "input_layernorm", x[t]);
      q.push_back(rope(times(layer + "self_attn.q_proj", h), double(t)));
      k.push_back(rope(times(layer + "self_attn.k_proj", h), double(t)));
      v.push_back(times(layer + "self_attn.v_proj", h));
    }
    for (std::size_t t = 0; t < x.size(); ++t) {
      add(x[t], norm(layer + "post_attention_layernorm",
                     times(layer + "self_attn.o_proj", attention(q, k, v, t))));
      const Vector f = norm(layer + "pre_mlp_layernorm", x[t]);
      Vector gate = times(layer + "mlp.gate_proj", f);
      const Vector up = times(layer + "mlp.up_proj", f);
      for (std::size_t i = 0; i < gate.size(); ++i) gate[i] *= up[i] / (1 + std::exp(-gate[i]));
      add(x[t], norm(layer + "post_mlp_layernorm", times(layer + "mlp.down_proj", gate)));
    }
  }

  static void add(Vector& x, const Vector& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  }

  ModelConfig c_;
  std::map<std::string, Rows> tensors_;
};

TEST(SandwichNorm, IsThePapers) {
  const ModelConfig config = small_ultra();
  const std::vector<TokenId> tokens{3, 10, 0, 7, 7, 1};
  for (const Isa isa : supported_isas()) {
    Context ctx({.threads = 2, .isa = isa, .dtype = DType::kF32});
    TrainableModel model(config, {.seed = 5, .std = 0.4}, ctx);
    for (const TrainableTensor& t : model.tensors()) {
      if (t.spec.is_matrix()) continue;
      for (int64_t i = 0; i < t.value.count(); ++i) {
        t.value.data<float>()[i] += 0.3f * std::cos(float(i) + float(t.spec.name.size()));
      }
    }
    model.repack(ctx);
    Batch batch{.tokens = tokens, .positions = {0, 1, 2, 3, 4, 5}};
    batch.sequences = {{0, 6, 0, 0}};
    batch.logit_rows = {0, 1, 2, 3, 4, 5};
    const Tensor y =
        to_host(ops::linear(model.model().hidden_states(batch, ctx), model.model().head(), ctx));
    const Rows want = PaperDecoder(config, model).logits(tokens);
    for (int64_t t = 0; t < 6; ++t) {
      for (int64_t i = 0; i < 11; ++i) {
        EXPECT_NEAR(y.data<float>()[t * y.stride(0) + i], want[std::size_t(t)][std::size_t(i)],
                    2e-5)
            << name(isa) << " token " << t;
      }
    }
  }
}

TEST(SandwichNorm, ItsConfigIsReadAndWritten) {
  const ModelConfig config = small_ultra();
  Json json = to_json(config);
  EXPECT_EQ(json["sandwich_norm"], true);
  EXPECT_EQ(parse_model_config(json, "config.json"), config);
  json.erase("sandwich_norm");
  EXPECT_TRUE(parse_model_config(json, "config.json").sandwich_norm);
  json["sandwich_norm"] = false;
  EXPECT_FALSE(parse_model_config(json, "config.json").sandwich_norm);
  json["architectures"] = {"LlamaForCausalLM"};
  json["sandwich_norm"] = true;
  PANGU_EXPECT_ERROR(parse_model_config(json, "config.json"), Unsupported, "sandwich_norm",
                     "LlamaForCausalLM");
}

}  // namespace
}  // namespace pangu
