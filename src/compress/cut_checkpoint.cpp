// SPDX-License-Identifier: Apache-2.0
#include "compress/cut_checkpoint.h"

#include <cmath>
#include <cstring>
#include <span>

#include "base/clipped.h"
#include "base/error.h"
#include "checkpoint/companion_files.h"
#include "checkpoint/planned_tensor.h"
#include "io/checkpoint.h"
#include "io/json.h"
#include "models/schema.h"
#include "models/weights/finite_weights.h"
#include "models/weights/output_head.h"
#include "models/weights/weight_source.h"
#include "quant/float_rows.h"
#include "tensor/dtype.h"

namespace pangu::compress {
namespace {

namespace fs = std::filesystem;

/// A tensor on its way through a cut.
class TensorCopy {
 public:
  TensorCopy(const TensorView& from, TensorCut cut, const std::vector<float>* edit)
      : from_(from), cut_(std::move(cut)), edit_(edit) {
    if (from.shape.empty() || from.shape.size() > 2) {
      fail<Unsupported>("[prune] tensor {} has shape {}; a vector or a matrix was expected.",
                        from.name, shape_text(from.shape));
    }
    rows_ = from.shape.front();
    columns_ = from.shape.size() == 2 ? from.shape[1] : 1;
    if (edit && std::ssize(*edit) != rows_ * columns_) {
      fail<ShapeError>("[prune] {} new values were made for tensor {} of shape {}.", edit->size(),
                       from.name, shape_text(from.shape));
    }
  }

  PlannedTensor::Part part() const {
    std::vector<std::int64_t> shape = from_.shape;
    shape.front() = new_rows();
    if (shape.size() == 2) shape[1] = new_columns();
    return {.name = cut_.name, .dtype = from_.dtype, .shape = std::move(shape)};
  }

  std::int64_t count() const { return new_rows() * new_columns(); }

  void write(const PartSink& sink) const {
    if (cut_.all_rows && cut_.all_columns && !edit_) return sink(0, from_.data);
    std::vector<std::byte> row(static_cast<std::size_t>(new_columns()) * size_bytes(from_.dtype));
    for (std::int64_t r = 0; r < new_rows(); ++r) {
      take_row(cut_.all_rows ? r : cut_.rows[static_cast<std::size_t>(r)], row);
      sink(0, row);
    }
  }

 private:
  std::int64_t new_rows() const { return cut_.all_rows ? rows_ : std::ssize(cut_.rows); }
  std::int64_t new_columns() const {
    return cut_.all_columns ? columns_ : std::ssize(cut_.columns);
  }
  std::int64_t column(std::int64_t c) const {
    return cut_.all_columns ? c : cut_.columns[static_cast<std::size_t>(c)];
  }

  void take_row(std::int64_t r, std::span<std::byte> out) const {
    if (edit_) return encode_row(edit_->data() + r * columns_, out);
    const std::size_t size = size_bytes(from_.dtype);
    const std::byte* const row = from_.data.data() + static_cast<std::size_t>(r * columns_) * size;
    if (cut_.all_columns) {
      std::memcpy(out.data(), row, out.size());
      return;
    }
    for (std::int64_t c = 0; c < new_columns(); ++c) {
      std::memcpy(out.data() + static_cast<std::size_t>(c) * size,
                  row + static_cast<std::size_t>(column(c)) * size, size);
    }
  }

  void encode_row(const float* row, std::span<std::byte> out) const {
    visit_float(from_.dtype, [&]<class T>() {
      for (std::int64_t c = 0; c < new_columns(); ++c) {
        const float value = row[column(c)];
        if (!std::isfinite(value)) {
          fail<InputError>(
              "[prune] the repaired tensor {} has a value that is {}. More calibration text, or "
              "--repair none, may help.",
              from_.name, value);
        }
        store_unaligned(out.data(), c, from_f32<T>(value));
      }
    });
  }

  const TensorView& from_;
  TensorCut cut_;
  const std::vector<float>* edit_;
  std::int64_t rows_ = 0, columns_ = 0;
};

TensorSpec require_tensor(const ModelConfig& config, std::string_view name) {
  if (auto found = find_tensor(config, name)) return std::move(*found);
  fail<Unsupported>("[prune] {} is no tensor of {}; it cannot be cut.", clipped(name),
                    config.architecture);
}

}  // namespace

CutSizes cut_checkpoint(const fs::path& in, const fs::path& out, const Cut& cut,
                        const TensorEdits& edits, const Json& pruning_config,
                        const ProgressFn& progress) {
  const Json json = read_json(in / "config.json", {.max_bytes = std::size_t{4} << 20});
  const ModelConfig config = parse_model_config(json, (in / "config.json").string());
  const Checkpoint checkpoint = Checkpoint::open(in);
  const OutputHead head =
      find_output_head(config, *checkpoint_source(checkpoint, config.quantization));
  const TensorCuts cuts(config, cut);

  CutSizes sizes;
  std::int64_t done = 0;
  std::vector<PlannedTensor> tensors;
  for (const auto& [name, view] : checkpoint.tensors()) {
    sizes.parameters_before += element_count(*view);
    sizes.bytes_before += std::ssize(view->data);
    if (is_derived_tensor(name)) continue;
    const TensorSpec spec = require_tensor(config, name);
    // A head that repeats the embedding would no longer do so where the embedding is edited.
    if (!cuts.keeps(spec) || (head.is_repeated && spec.role == TensorRole::kHead)) continue;
    const auto edit = edits.find(spec.name);
    const TensorCopy copy(*view, cuts.of(spec), edit == edits.end() ? nullptr : &edit->second);
    sizes.parameters_after += copy.count();
    sizes.bytes_after += copy.count() * static_cast<std::int64_t>(size_bytes(view->dtype));
    tensors.push_back(
        {.parts = {copy.part()}, .produce = [&, view = view, copy](const PartSink& sink) {
           copy.write(sink);
           require_finite(*view);
           checkpoint.drop(*view);
           done += copy.count();
           if (progress) progress("writing", done, sizes.parameters_after);
         }});
  }

  // Before the work: a link that leads out of the folder ends it.
  copy_files(in, out, &is_companion_file);
  write_planned(out / "model.safetensors", tensors);

  Json after = cut_config_json(json, config, cut);
  if (head.is_embedding != config.tie_word_embeddings) {
    after["tie_word_embeddings"] = head.is_embedding;
  }
  after["pruning_config"] = pruning_config;
  write_json(out / "config.json", after);
  return sizes;
}

}  // namespace pangu::compress
