// SPDX-License-Identifier: Apache-2.0
#include "runtime/convert.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/last_name.h"
#include "io/gguf_parts.h"
#include "models/weights/finite_weights.h"
#include "models/weights/output_head.h"
#include "models/weights/stored_tensors.h"
#include "runtime/convert_plan.h"

namespace pangu {
namespace {

/// The format a matrix keeps where none is asked for.
WeightFormat kept_format(WeightFormat stored, ConvertTarget target, const std::string& name) {
  if (target == ConvertTarget::kHuggingFace) {
    return format_info(stored).is_float() ? stored : WeightFormat::kBF16;
  }
  if (format_info(stored).gguf_type) return stored;
  fail<ConfigError>(
      "[convert] {} is stored as {}, which GGUF has no type for. Say with --format which one to "
      "use, q8_0 or q4_0 for example; from the original weights the result would be better.",
      name, pangu::name(stored));
}

void check_formats(const WeightFormats& formats, ConvertTarget target) {
  for (const auto& format : {formats.layers, formats.head, formats.embedding}) {
    if (target == ConvertTarget::kGguf && format && !format_info(*format).gguf_type) {
      std::string known;
      for (const FormatInfo& info : weight_formats()) {
        if (info.gguf_type) known += (known.empty() ? "" : ", ") + std::string(info.name);
      }
      fail<ConfigError>("[convert] GGUF has no type for {}. Known: {}.", name(*format), known);
    }
  }
}

class Planner {
 public:
  Planner(const ModelFiles& model, const ConvertOptions& options)
      : source_(*model.source), options_(options) {
    plan_.config = model.config;
    plan_.config.quantization.reset();
  }

  ConvertPlan make() {
    check_formats(options_.formats, options_.target);
    ModelConfig& c = plan_.config;
    const OutputHead head = find_output_head(c, source_);
    c.tie_word_embeddings = head.is_embedding;
    if (!head.remark.empty()) plan_.notes.push_back(head.remark);
    std::vector<TensorSpec> tensors = stored_tensors(c, source_);
    const auto wanted = [&](WeightPart part) {
      return plan_format(options_.formats, part, c.hidden_size);
    };
    if (c.tie_word_embeddings && wanted(WeightPart::kHead) != wanted(WeightPart::kEmbedding)) {
      c.tie_word_embeddings = false;
      plan_.items.push_back(
          make_item(tensor_of(c, TensorRole::kHead), tensor_of(c, TensorRole::kEmbedding).name));
      plan_.notes.emplace_back(
          "Embedding and output head were one matrix; in different formats they are two.");
    }
    for (TensorSpec& t : tensors) {
      const std::string name = t.name;
      plan_.items.push_back(make_item(std::move(t), name));
    }
    note_replaced();
    plan_.layers = most_of_layers();
    return std::move(plan_);
  }

 private:
  ConvertItem make_item(TensorSpec tensor, std::string source) {
    ConvertItem item{.tensor = std::move(tensor), .source = std::move(source)};
    const TensorSpec& t = item.tensor;
    if (!t.is_matrix()) return item;
    item.from = source_.matrix(item.source, t.rows, t.k).format;
    const WeightPart part = weight_part(t.role);
    // 0 weights divide into any block.
    const auto asked = plan_format(options_.formats, part, 0);
    item.asked = asked ? *asked : kept_format(item.from, options_.target, t.name);
    item.to = asked ? *plan_format(options_.formats, part, t.k) : item.asked;
    return item;
  }

  /// Matrices whose rows do not divide into the blocks of the format.
  void note_replaced() {
    std::map<std::tuple<WeightFormat, WeightFormat, std::int64_t>, int> replaced;
    for (const ConvertItem& i : plan_.items) {
      if (i.tensor.is_matrix() && i.to != i.asked) ++replaced[{i.asked, i.to, i.tensor.k}];
    }
    for (const auto& [formats, count] : replaced) {
      const auto& [asked, to, k] = formats;
      plan_.notes.push_back(
          fmt::format("{} {} with rows of {} weights {} {} in place of {}, whose blocks have {}.",
                      count, count == 1 ? "matrix" : "matrices", k, count == 1 ? "is" : "are",
                      name(to), name(asked), format_info(asked).block));
    }
  }

  WeightFormat most_of_layers() const {
    std::map<WeightFormat, std::int64_t> weights;
    for (const ConvertItem& i : plan_.items) {
      if (i.tensor.is_matrix() && weight_part(i.tensor.role) == WeightPart::kLayer) {
        weights[i.to] += i.tensor.count();
      }
    }
    return std::ranges::max_element(weights, {}, [](const auto& w) { return w.second; })->first;
  }

  WeightSource& source_;
  const ConvertOptions& options_;
  ConvertPlan plan_;
};

}  // namespace

DType ConvertPlan::float_type() const {
  for (const ConvertItem& i : items) {
    if (i.tensor.is_matrix() && format_info(i.to).is_float()) {
      return format_info(i.to).stored_parts().front().dtype;
    }
  }
  return DType::kBF16;
}

ConvertPlan plan_conversion(const ModelFiles& model, const ConvertOptions& options) {
  return Planner(model, options).make();
}

Converter::Converter(const ModelFiles& model, const ConvertPlan& plan,
                     const ConvertOptions& options, ThreadPool& threads)
    : model_(model), options_(options), threads_(threads) {
  report_.notes = plan.notes;
  report_.bytes_in = model.weight_bytes();
  for (const ConvertItem& i : plan.items) total_ += i.tensor.count();
}

void Converter::matrix(const ConvertItem& item, const std::vector<std::int32_t>& order,
                       const RowSink& sink) {
  const TensorSpec& t = item.tensor;
  StoredMatrix from = model_.source->matrix(item.source, t.rows, t.k);
  if (!order.empty()) {
    std::vector<std::int32_t> places = order;
    for (std::int32_t& place : places) {
      if (!from.order.empty()) place = from.order[static_cast<std::size_t>(place)];
    }
    from.order = std::move(places);
  }
  const QuantizationError error = round_to_nearest(
      from, item.source, item.to, threads_, [&](const EncodedRows& rows, int64_t n) {
        sink(rows, n);
        done_ += n * t.k;
        if (options_.progress) options_.progress("converting", done_, total_);
      });
  relative_error_ = error.relative();
  model_.source->release(item.source);
}

std::vector<float> Converter::vector(const ConvertItem& item) {
  done_ += item.tensor.rows;
  if (item.source.empty()) return std::vector<float>(static_cast<std::size_t>(item.tensor.rows));
  std::vector<float> values = model_.source->vector(item.source, item.tensor.rows);
  require_finite(values, item.source);
  return values;
}

std::pair<std::string, std::int64_t> Converter::stored_vector(const ConvertItem& item) const {
  if (item.source.empty()) return {"", 0};
  std::string_view type;
  if (model_.checkpoint) {
    type = name(model_.checkpoint->find(item.source)->dtype);
  } else {
    const GgufTensor* t = model_.gguf->find(gguf_tensor_name(model_.config, item.tensor));
    type = t ? t->type->name : "f32";  // a part of a fused bias
  }
  return {std::string(type), item.tensor.rows * static_cast<std::int64_t>(type == "f32" ? 4 : 2)};
}

void Converter::wrote(const ConvertItem& item, std::string name, std::string type,
                      std::int64_t bytes) {
  const TensorSpec& t = item.tensor;
  ConvertedTensor out{.name = std::move(name), .shape = {t.rows}, .to = std::move(type)};
  if (t.is_matrix()) {
    out.shape.push_back(t.k);
    out.from = pangu::name(item.from);
    out.bytes_in = t.rows * static_cast<std::int64_t>(format_info(item.from).row_bytes(t.k));
    out.relative_error = relative_error_;
  } else {
    std::tie(out.from, out.bytes_in) = stored_vector(item);
  }
  out.bytes_out = bytes;
  report_.parameters_out += t.count();
  if (item.source == t.name) report_.parameters_in += t.count();
  report_.bytes_out += bytes;
  report_.tensors.push_back(std::move(out));
}

ConvertReport Converter::take_report() {
  return std::move(report_);
}

std::string model_name(const std::filesystem::path& path) {
  const std::string file = last_name(path);
  if (const auto part = parse_gguf_part_name(file)) return part->model;
  return file.ends_with(".gguf") ? file.substr(0, file.size() - 5) : file;
}

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
