// SPDX-License-Identifier: Apache-2.0
// The report of `pangu info` for people.
#include <fmt/format.h>

#include <algorithm>

#include "apps/model/model_report.h"
#include "apps/shared/shape_text.h"
#include "base/clipped.h"
#include "base/resources.h"
#include "models/parameter_count.h"
#include "report/units.h"

namespace pangu::app {
namespace {

/// Lines of a label and what is said about it.
class Lines {
 public:
  template <class... Args>
  void add(std::string_view label, fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format("{:<15} {}\n", label, fmt::format(format, std::forward<Args>(args)...));
  }
  void item(std::string_view key, std::string_view value) {
    text_ += fmt::format("  {} = {}\n", key, value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string rope_text(const RopeConfig& rope) {
  std::string text = fmt::format("theta {}", rope.theta);
  if (rope.type != RopeConfig::Type::kDefault) {
    text += fmt::format(", {} scaling by {}", name(rope.type), rope.factor);
  }
  return text;
}

std::string id_text(std::string_view role, std::optional<TokenId> id) {
  return id ? fmt::format("{} {}", role, *id) : fmt::format("no {}", role);
}

/// Eight layers a line.
void add_widths(Lines& out, const std::vector<std::int64_t>& widths) {
  constexpr std::size_t kInLine = 8;
  if (!widths_differ(widths)) return;
  for (std::size_t l = 0; l < widths.size(); l += kInLine) {
    const std::size_t end = std::min(l + kInLine, widths.size());
    const auto first = widths.begin() + static_cast<std::ptrdiff_t>(l);
    out.add(l + 1 == end ? fmt::format("  layer {}", l) : fmt::format("  layers {}-{}", l, end - 1),
            "{}", fmt::join(first, widths.begin() + static_cast<std::ptrdiff_t>(end), " "));
  }
}

/// As it stands, a key a line: what is in it is up to the program that pruned.
void add_pruning(Lines& out, const Json& pruning) {
  if (pruning.empty()) return;
  out.add("pruning", "{} setting{}", pruning.size(), pruning.size() == 1 ? "" : "s");
  for (const auto& [key, value] : pruning.items()) {
    constexpr std::size_t kShown = 120;  // lists of what was kept can be long
    const std::string text = json_text(value);
    out.item(clipped(key), clipped(text, kShown));
  }
}

void add_config(Lines& out, const ModelConfig& c) {
  out.add("architecture", "{} ({})", c.architecture, c.model_type);
  const ParameterCount n = parameter_count(c);
  out.add("parameters", "{} ({})", grouped(n.total()), count_text(static_cast<double>(n.total())));
  out.add("  embedding", "{}{}", grouped(n.embedding), n.head == 0 ? ", the output head too" : "");
  if (n.head > 0) out.add("  output head", "{}", grouped(n.head));
  out.add("  attention", "{}", grouped(n.attention));
  out.add("  mlp", "{}", grouped(n.mlp));
  out.add("  norms", "{}", grouped(n.norms));
  out.add("layers", "{}", c.n_layers);
  out.add("hidden size", "{}; feed-forward {}", c.hidden_size, widths_text(c.intermediate_size));
  add_widths(out, c.intermediate_size);
  out.add("attention", "{} heads, {} for keys and values, of size {}", c.n_heads, c.n_kv_heads,
          c.head_dim);
  out.add(
      "vocabulary", "{}; {}, {}, {}", c.vocab_size, id_text("bos", c.bos_token_id),
      c.eos_token_ids.empty() ? "no eos" : fmt::format("eos {}", fmt::join(c.eos_token_ids, " ")),
      id_text("pad", c.pad_token_id));
  out.add("context", "{}{}; rope {}", c.max_position_embeddings,
          c.sliding_window ? fmt::format(", sliding window {}", *c.sliding_window) : "",
          rope_text(c.rope));
  add_pruning(out, c.pruning_config);
}

void add_weights(Lines& out, const WeightsReport& w) {
  out.add("weights", "{} in {} file{}", bytes_text(w.bytes), w.files, w.files == 1 ? "" : "s");
  for (const auto& [type, sums] : w.types) {
    out.add("  " + type, "{} in {} tensors", bytes_text(sums.bytes), sums.tensors);
  }
  std::string parts;
  for (const auto& [part, bytes] : w.bytes_by_part) {
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", part, bytes_text(bytes));
  }
  out.add("  by part", "{}", parts);
}

std::string special_token(const Tokenizer& t, std::string_view role, std::optional<TokenId> id) {
  return id ? fmt::format("{} {} {}", role, *id, t.piece(*id)) : fmt::format("no {}", role);
}

void add_tokenizer(Lines& out, const Tokenizer& t) {
  out.add("tokenizer", "{}, {} tokens", t.kind(), t.vocab_size());
  out.add("  special", "{}; {}; {}; {}", special_token(t, "bos", t.bos_id()),
          special_token(t, "eos", t.eos_id()), special_token(t, "pad", t.pad_id()),
          special_token(t, "unk", t.unk_id()));
}

std::string_view thinking_text(ThinkingStyle style) {
  switch (style) {
    case ThinkingStyle::kTags:
      return "yes; thinks fast, slow or as it chooses (own) as --think asks, by tags in the "
             "message";
    case ThinkingStyle::kSwitch:
      return "yes; thinks fast or slow as --think asks, by a switch of the template";
    case ThinkingStyle::kNone:
      break;
  }
  return "yes";
}

void add_memory(Lines& out, const ModelReport& r) {
  const std::int64_t bf16 = r.kv_bytes_per_token(KvFormat::kBF16);
  out.add("cache per token", "{} in bf16, {} in int8, {} in int4", bytes_text(bf16),
          bytes_text(r.kv_bytes_per_token(KvFormat::kInt8)),
          bytes_text(r.kv_bytes_per_token(KvFormat::kInt4)));
  const std::int64_t needed = r.weight_bytes() + bf16 * r.default_context();
  out.add("memory needed", "{} with {} tokens of context in bf16; this machine has {}",
          bytes_text(needed), r.default_context(), bytes_text(total_memory_bytes()));
}

void add_gguf(Lines& out, const GgufReport& g) {
  out.add("GGUF", "version {}, {} tensors{}", g.version, g.tensors,
          g.tensors == 0 ? ": only a vocabulary" : "");
  for (const auto& [key, value] : g.keys) out.item(key, value);
}

}  // namespace

std::string report_text(const ModelReport& r) {
  Lines out;
  out.add("model", "{}", r.path.string());
  if (r.config) add_config(out, *r.config);
  if (r.weights) add_weights(out, *r.weights);
  if (r.gguf) add_gguf(out, *r.gguf);
  if (r.tokenizer) add_tokenizer(out, *r.tokenizer);
  out.add("chat template", "{}", r.has_chat_template ? thinking_text(r.thinking) : "no");
  if (r.config) add_memory(out, r);
  for (const std::string& problem : r.problems) out.add("problem", "{}", problem);
  return out.text();
}

std::string machine_report_text(const CommonOptions& options) {
  Lines out;
  std::string isas;
  for (const Isa isa : supported_isas()) {
    isas += (isas.empty() ? "" : ", ") + std::string(name(isa));
  }
  out.add("machine", "{}, {} of memory", cpu_name(), bytes_text(total_memory_bytes()));
  out.add("threads", "{}", thread_count(options));
  out.add("memory nodes", "{}{}", memory_nodes_text(memory_nodes()),
          options.numa == "off" ? "; not used" : "");
  out.add("kernels", "{}; available: {}", name(require_isa(options.isa)), isas);
  return out.text();
}

}  // namespace pangu::app
